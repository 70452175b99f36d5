import { useTranslation } from 'react-i18next';
import { LANGUAGES, setLanguage, type Language } from '../i18n';
import { useLiveState, type LiveState } from '../live/LiveProvider';
import { Icon } from '../ui/icons';
import { MenuButton } from '../ui/Menu';
import { Dot } from '../ui/parts';
import { useSession, useSignOut } from './session';
import { applyTheme, useTheme, type Theme } from './theme';

const LIVE = {
  opening: { tone: 'none', text: 'app.opening' },
  live: { tone: 'good', text: 'app.live' },
  away: { tone: 'bad', text: 'app.away' },
} as const satisfies Record<LiveState, object>;

const THEMES: [Theme, 'screen' | 'sun' | 'moon'][] = [
  ['system', 'screen'],
  ['light', 'sun'],
  ['dark', 'moon'],
];

/** Whether what is shown is live, and what concerns the whole window: search, theme, language, account. */
export function Top({
  open,
  onMenu,
  onSearch,
  onKeys,
}: {
  open: boolean;
  onMenu: () => void;
  onSearch: () => void;
  onKeys: () => void;
}) {
  const { t, i18n } = useTranslation();
  const session = useSession();
  const theme = useTheme();
  const signOut = useSignOut();
  const live = LIVE[useLiveState()];
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
        <Dot tone={live.tone} label={t(live.text)} />
      </span>
      <button
        type="button"
        className="button small goto"
        aria-label={t('app.search')}
        aria-keyshortcuts="Control+K Meta+K"
        onClick={onSearch}
      >
        <Icon name="search" />
        <span className="only-wide">{t('app.search')}</span>
      </button>
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
            items: [
              { id: 'keys', text: t('keys.title'), act: onKeys },
              { id: 'out', text: t('app.signOut'), act: () => void signOut() },
            ],
          },
        ]}
      />
    </header>
  );
}
