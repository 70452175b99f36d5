import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useAlarmCount, useSummary } from '../api/queries';
import { Icon, Logo } from '../ui/icons';
import { MenuButton } from '../ui/Menu';
import { Dot } from '../ui/parts';
import { useLiveState, useTopic, type LiveState } from '../live/LiveProvider';
import { LANGUAGES, setLanguage, type Language } from '../i18n';
import { PAGES } from './pages';
import { useMay, useSession, useSignOut } from './session';
import { applyTheme, useTheme, type Theme } from './theme';

const LIVE = {
  opening: { tone: 'none', text: 'app.opening' },
  live: { tone: 'good', text: 'app.live' },
  away: { tone: 'bad', text: 'app.away' },
} as const satisfies Record<LiveState, object>;

/** Frame of every page: navigation, the hub's state, theme, language and account. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [path] = useLocation();
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  // Followed on every page: going from one to the next leaves the stream as it is.
  useTopic('devices');
  useTopic('alarms');
  useTopic('plan');
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    setOpen(false);
    // A new page is read from its beginning, by eye and by screen reader.
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setOpen(false);
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, []);
  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t('app.skip')}
      </a>
      <Side open={open} path={path} />
      <button
        type="button"
        className="scrim"
        data-open={open || undefined}
        aria-label={t('app.close')}
        tabIndex={-1}
        onClick={() => setOpen(false)}
      />
      <Top open={open} onMenu={() => setOpen(!open)} />
      <main id="main" ref={main} className="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Side({ open, path }: { open: boolean; path: string }) {
  const { t } = useTranslation();
  const session = useSession();
  const isAdmin = useMay('admin');
  const summary = useSummary();
  const alarms = useAlarmCount();
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
      <footer>{summary.data && t('app.version', { version: summary.data.hub.version })}</footer>
    </nav>
  );
}

const isCurrent = (path: string, href: string): boolean =>
  href === '/'
    ? path === '/'
    : path === href || path.startsWith(`${href}/`) || (href === '/fleet' && path.startsWith('/devices/'));

const THEMES: [Theme, 'screen' | 'sun' | 'moon'][] = [
  ['system', 'screen'],
  ['light', 'sun'],
  ['dark', 'moon'],
];

function Top({ open, onMenu }: { open: boolean; onMenu: () => void }) {
  const { t, i18n } = useTranslation();
  const session = useSession();
  const theme = useTheme();
  const signOut = useSignOut();
  const state = useLiveState();
  const themes = THEMES.map(([id, icon]) => ({
    id,
    icon,
    text: t(`app.${id}`),
    chosen: theme === id,
    act: () => applyTheme(id),
  }));
  const languages = Object.entries(LANGUAGES).map(([id, text]) => ({
    id,
    text,
    chosen: i18n.language === id,
    act: () => void setLanguage(id as Language),
  }));
  return (
    <header className="top">
      <button
        type="button"
        className="button plain icon only-narrow"
        aria-label={t('app.menu')}
        aria-expanded={open}
        aria-controls="side"
        onClick={onMenu}
      >
        <Icon name="menu" />
      </button>
      <span className="link grow" role="status">
        <Dot tone={LIVE[state].tone} label={t(LIVE[state].text)} />
      </span>
      <MenuButton
        label={t('app.theme')}
        icon={THEMES.find(([id]) => id === theme)![1]}
        sections={[{ title: t('app.theme'), items: themes }]}
      />
      <MenuButton label={t('app.language')} icon="globe" sections={[{ title: t('app.language'), items: languages }]} />
      <MenuButton
        label={t('app.account')}
        icon="user"
        text={<span className="only-wide">{session.name}</span>}
        sections={[
          {
            title: `${session.name} · ${t(`role.${session.role}`)}`,
            items: [{ id: 'out', text: t('app.signOut'), act: () => void signOut() }],
          },
        ]}
      />
    </header>
  );
}
