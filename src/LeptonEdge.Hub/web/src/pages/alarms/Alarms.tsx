import { useTranslation } from 'react-i18next';
import { PageHead } from '../../ui/parts';
import { AlarmList } from './AlarmList';

export default function Alarms() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('nav.alarms')} />
      <AlarmList />
    </>
  );
}
