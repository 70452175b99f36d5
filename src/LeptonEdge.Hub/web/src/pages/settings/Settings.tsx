import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useMay } from '../../app/session';
import { PageHead } from '../../ui/parts';
import { Accounts } from './Accounts';
import { Looks } from './Looks';
import { Own } from './Own';
import { Tokens } from './Tokens';

const TABS = ['looks', 'own', 'tokens', 'accounts'] as const;

export default function Settings({ tab }: { tab: string }) {
  const { t } = useTranslation();
  const admin = useMay('admin');
  const tabs = TABS.filter((id) => id !== 'accounts' || admin);
  const current = tabs.find((id) => id === tab) ?? tabs[0];
  return (
    <>
      <PageHead title={t('nav.settings')} />
      <nav className="tabs" aria-label={t('nav.settings')}>
        {tabs.map((id) => (
          <Link key={id} href={`/settings/${id}`} aria-current={id === current ? 'page' : undefined}>
            {t(`settings.${id}`)}
          </Link>
        ))}
      </nav>
      {current === 'looks' && <Looks />}
      {current === 'own' && <Own />}
      {current === 'tokens' && <Tokens />}
      {current === 'accounts' && <Accounts />}
    </>
  );
}
