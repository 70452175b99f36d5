import type { Device } from '../../api/types';

export interface Filter {
  text: string;
  state: '' | 'online' | 'offline' | 'alarms';
  site: string;
  tag: string;
  sort: string;
  down: boolean;
  /** Columns that are left out; empty shows all. */
  hidden: string[];
}

export const NO_FILTER: Filter = { text: '', state: '', site: '', tag: '', sort: 'device', down: false, hidden: [] };

/** The filter is the address: it survives a reload, and can be sent to a colleague. */
export function filterOf(search: string): Filter {
  const query = new URLSearchParams(search);
  const state = query.get('state') ?? '';
  return {
    text: query.get('q') ?? '',
    state: state === 'online' || state === 'offline' || state === 'alarms' ? state : '',
    site: query.get('site') ?? '',
    tag: query.get('tag') ?? '',
    sort: query.get('sort') ?? 'device',
    down: query.get('down') === '1',
    hidden: (query.get('hide') ?? '').split(',').filter(Boolean),
  };
}

export function searchOf(filter: Filter): string {
  const query = new URLSearchParams();
  const set = (key: string, value: string, standard = '') => {
    if (value !== standard) query.set(key, value);
  };
  set('q', filter.text);
  set('state', filter.state);
  set('site', filter.site);
  set('tag', filter.tag);
  set('sort', filter.sort, 'device');
  set('down', filter.down ? '1' : '');
  set('hide', filter.hidden.join(','));
  return query.toString();
}

export function matching(devices: Device[], filter: Pick<Filter, 'text' | 'state' | 'site' | 'tag'>): Device[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return devices.filter((device) => {
    if (filter.state === 'online' && !device.online) return false;
    if (filter.state === 'offline' && device.online) return false;
    if (filter.state === 'alarms' && device.activeAlarms === 0) return false;
    if (filter.site && device.site !== filter.site) return false;
    if (filter.tag && !device.tags?.includes(filter.tag)) return false;
    if (words.length === 0) return true;
    const parts = [device.device, device.site, device.board, ...device.tags, device.note];
    const text = parts.join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** As the hub filters. */
export type ApiFilter = { online?: boolean; site?: string; tag?: string; text?: string };

/** The same filter for the hub, so that it acts on all that match; null where the hub has no such filter. */
export function apiFilterOf(filter: Filter): ApiFilter | null {
  const text = filter.text.trim();
  if (filter.state === 'alarms' || /\s/.test(text)) return null;
  return {
    ...(filter.state && { online: filter.state === 'online' }),
    ...(filter.site && { site: filter.site }),
    ...(filter.tag && { tag: filter.tag }),
    ...(text && { text }),
  };
}

/** The filter of a view that was kept; what it lacks is as if nothing were chosen. */
export function contentOf(content: string): Filter {
  try {
    return { ...NO_FILTER, ...(JSON.parse(content) as Partial<Filter>) };
  } catch {
    return NO_FILTER;
  }
}
