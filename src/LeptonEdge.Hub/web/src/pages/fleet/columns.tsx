import type { TFunction } from 'i18next';
import { Link } from 'wouter';
import type { Device } from '../../api/types';
import type { CsvColumn } from '../../ui/csv';
import { ago, count, percent } from '../../ui/format';
import { Dot, Meter, Tag } from '../../ui/parts';
import type { Column } from '../../ui/VirtualTable';

/** Columns that can be left out, in their order; the first two stay. */
export const CHOICES = ['site', 'board', 'tags', 'cpu', 'memory', 'backlog', 'version', 'alarms', 'seen'] as const;
const NARROW = new Set(['device', 'state', 'alarms']);

export function fleetColumns(t: TFunction): Column<Device>[] {
  return [
    {
      id: 'device',
      name: t('fleet.device'),
      track: 'minmax(9rem, 1.6fr)',
      by: (d) => d.device,
      cell: (d) => <Link href={`/devices/${d.device}`}>{d.device}</Link>,
    },
    {
      id: 'state',
      name: t('fleet.state'),
      track: '7rem',
      flex: true,
      by: (d) => (d.online ? 1 : 0),
      cell: (d) => <Dot tone={d.online ? 'good' : 'bad'} label={t(d.online ? 'state.online' : 'state.offline')} />,
    },
    { id: 'site', name: t('fleet.site'), track: 'minmax(6rem, 1fr)', cell: (d) => d.site, by: (d) => d.site },
    { id: 'board', name: t('fleet.board'), track: 'minmax(6rem, 1.2fr)', cell: (d) => d.board, by: (d) => d.board },
    {
      id: 'tags',
      name: t('fleet.tags'),
      track: 'minmax(5rem, 1fr)',
      flex: true,
      cell: (d) => d.tags.map((tag) => <Tag key={tag}>{tag}</Tag>),
    },
    {
      id: 'cpu',
      name: t('fleet.cpu'),
      track: '8rem',
      numeric: true,
      by: (d) => d.cpuLoad,
      cell: (d) => <Meter share={d.cpuLoad} label={percent(d.cpuLoad, 0)} />,
    },
    {
      id: 'memory',
      name: t('fleet.memory'),
      track: '8rem',
      numeric: true,
      by: used,
      cell: (d) => <Meter share={used(d)} label={percent(used(d), 0)} />,
    },
    {
      id: 'backlog',
      name: t('fleet.backlog'),
      track: '6rem',
      numeric: true,
      by: (d) => d.backlog.records,
      cell: (d) => count(d.backlog.records),
    },
    {
      id: 'version',
      name: t('fleet.version'),
      track: '6rem',
      by: (d) => d.agentVersion,
      // What follows the plus sign names the build.
      cell: (d) => <span title={d.agentVersion}>{d.agentVersion.split('+')[0]}</span>,
    },
    {
      id: 'alarms',
      name: t('fleet.alarms'),
      track: '5.5rem',
      numeric: true,
      by: (d) => d.activeAlarms,
      cell: (d) => (d.activeAlarms > 0 ? <Tag tone="bad">{d.activeAlarms}</Tag> : <span className="quiet">0</span>),
    },
    {
      id: 'seen',
      name: t('fleet.seen'),
      track: '7rem',
      numeric: true,
      by: (d) => d.lastSeenMicros,
      cell: (d) => <span className="quiet">{ago(d.lastSeenMicros)}</span>,
    },
  ];
}

export const shownColumns = (columns: Column<Device>[], narrow: boolean, hidden: string[]): Column<Device>[] =>
  columns.filter((column) => (!narrow || NARROW.has(column.id)) && !hidden.includes(column.id));

/** Units are in the names: a table is read by programs as well. */
export const FLEET_CSV: CsvColumn<Device>[] = [
  { name: 'device', value: (d) => d.device },
  { name: 'online', value: (d) => d.online },
  { name: 'last_seen', value: (d) => new Date(d.lastSeenMicros / 1000).toISOString() },
  { name: 'site', value: (d) => d.site },
  { name: 'board', value: (d) => d.board },
  { name: 'agent_version', value: (d) => d.agentVersion },
  { name: 'tags', value: (d) => d.tags.join(' ') },
  { name: 'cpu_load', value: (d) => d.cpuLoad },
  { name: 'memory_bytes', value: (d) => d.memoryBytes },
  { name: 'memory_used_bytes', value: (d) => d.memoryUsedBytes },
  { name: 'backlog_records', value: (d) => d.backlog.records },
  { name: 'active_alarms', value: (d) => d.activeAlarms },
  { name: 'drained', value: (d) => d.drained },
];

const used = (device: Device): number => (device.memoryBytes > 0 ? device.memoryUsedBytes / device.memoryBytes : 0);
