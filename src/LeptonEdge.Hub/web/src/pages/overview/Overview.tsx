import { useTranslation } from 'react-i18next';
import { PageHead } from '../../ui/parts';
import { Figures } from './Figures';
import { Attention, HubState, Newest, Places } from './Lists';
import { SiteTiles } from './SiteTiles';
import { Trends } from './Trends';

export default function Overview() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('overview.title')} />
      <div className="stack">
        <Figures />
        <Trends />
        <div className="grid overview">
          <Newest />
          <Attention />
          <SiteTiles />
          <Places />
          <HubState />
        </div>
      </div>
    </>
  );
}
