import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useAlarmNews, useDevices, useSites, useWorkloads } from '../api/queries';
import { LANGUAGES, setLanguage, type Language } from '../i18n';
import type { Entry } from './entries';
import { PAGES } from './pages';
import { useMay, useSignOut } from './session';
import { applyTheme } from './theme';

/** All that the command palette knows. */
export function useEntries(onKeys: () => void): Entry[] {
  const { t } = useTranslation();
  const isAdmin = useMay('admin');
  const signOut = useSignOut();
  const devices = useDevices().data;
  const sites = useSites().data;
  const workloads = useWorkloads().data;
  const alarms = useAlarmNews().data;
  const places = useMemo(
    (): Entry[] => [
      ...(devices ?? []).map((d): Entry => ({
        id: `device ${d.device}`,
        group: 'devices',
        text: d.device,
        icon: 'fleet',
        href: `/devices/${d.device}`,
        note: `${d.site} · ${t(d.online ? 'state.online' : 'state.offline')}`,
        words: `${d.site} ${d.board} ${d.tags.join(' ')}`,
      })),
      ...(sites ?? []).map((s): Entry => ({
        id: `site ${s.site}`,
        group: 'sites',
        text: s.title || s.site,
        icon: 'sites',
        words: s.site,
        href: `/sites/${encodeURIComponent(s.site)}`,
      })),
      ...(workloads ?? []).map((w): Entry => ({
        id: `work ${w.device}/${w.workload}`,
        group: 'workloads',
        text: `${w.device}/${w.workload}`,
        icon: 'workloads',
        href: `/workloads/${w.device}/${w.workload}`,
        note: `${w.model}/${w.modelVersion}`,
      })),
      ...(alarms?.newest ?? []).map((a): Entry => ({
        id: `alarm ${a.id}`,
        group: 'alarms',
        text: `${a.device}: ${a.rule}`,
        icon: 'alarms',
        words: a.message,
        href: `/alarms?open=${a.id}`,
      })),
    ],
    [t, devices, sites, workloads, alarms],
  );
  return useMemo(
    (): Entry[] => [
      ...PAGES.flatMap(({ pages }) => pages)
        .filter((page) => page.needs !== 'admin' || isAdmin)
        .map((p): Entry => ({
          id: `page ${p.href}`,
          group: 'pages',
          text: t(`nav.${p.name}`),
          icon: p.name,
          href: p.href,
        })),
      ...(['light', 'dark', 'system'] as const).map((theme): Entry => ({
        id: `theme ${theme}`,
        group: 'actions',
        text: `${t('app.theme')}: ${t(`app.${theme}`)}`,
        icon: 'sun',
        act: () => applyTheme(theme),
      })),
      ...Object.entries(LANGUAGES).map(([id, name]): Entry => ({
        id: `language ${id}`,
        group: 'actions',
        text: `${t('app.language')}: ${name}`,
        icon: 'globe',
        act: () => void setLanguage(id as Language),
      })),
      { id: 'keys', group: 'actions', text: t('keys.title'), icon: 'settings', act: onKeys },
      { id: 'out', group: 'actions', text: t('app.signOut'), icon: 'user', act: () => void signOut() },
      ...places,
    ],
    [t, isAdmin, places, onKeys, signOut],
  );
}
