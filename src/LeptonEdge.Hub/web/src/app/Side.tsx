import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useHub } from '../api/queries';
import { Icon, Logo } from '../ui/icons';
import { PAGES } from './pages';
import { useMay, useSession } from './session';

/** The pages, in groups. */
export function Side({ open, path }: { open: boolean; path: string }) {
  const { t } = useTranslation();
  const session = useSession();
  const isAdmin = useMay('admin');
  const hub = useHub().data;
  const version = hub?.version;
  const alarms = hub?.alarms.active ?? 0;
  return (
    <nav className="side" data-open={open || undefined} id="side" aria-label={t('app.navigation')}>
      <Link className="brand" href="/">
        <Logo />
        <span>
          {t('app.name')}
          <small>{session.tenant}</small>
        </span>
      </Link>
      <div>
        {PAGES.map(({ group, pages }) => (
          <section key={group}>
            <h2>{t(`nav.${group}`)}</h2>
            {pages
              .filter((page) => page.needs !== 'admin' || isAdmin)
              .map((page) => (
                <Link
                  key={page.name}
                  href={page.href}
                  className="item"
                  aria-current={isCurrent(path, page.href) ? 'page' : undefined}
                >
                  <Icon name={page.name} />
                  <span>{t(`nav.${page.name}`)}</span>
                  {page.name === 'alarms' && alarms > 0 && <span className="badge">{alarms}</span>}
                </Link>
              ))}
          </section>
        ))}
      </div>
      <footer>{version && t('app.version', { version })}</footer>
    </nav>
  );
}

const isCurrent = (path: string, href: string): boolean =>
  href === '/'
    ? path === '/'
    : path === href || path.startsWith(`${href}/`) || (href === '/fleet' && path.startsWith('/devices/'));
