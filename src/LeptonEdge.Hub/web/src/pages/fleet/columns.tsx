import type { TFunction } from 'i18next';
import { Link } from 'wouter';
import type { Device } from '../../api/types';
import { ago, count, percent } from '../../ui/format';
import { Dot, Meter, Tag } from '../../ui/parts';
import type { Column } from '../../ui/VirtualTable';

export function fleetColumns(t: TFunction, narrow: boolean, check: Column<Device> | null): Column<Device>[] {
  const wide: Column<Device>[] = [
    { id: 'site', name: t('fleet.site'), track: 'minmax(6rem, 1fr)', cell: (d) => d.site, by: (d) => d.site },
    { id: 'board', name: t('fleet.board'), track: 'minmax(6rem, 1.2fr)', cell: (d) => d.board, by: (d) => d.board },
    {
      id: 'tags',
      name: t('fleet.tags'),
      track: 'minmax(5rem, 1fr)',
      flex: true,
      cell: (d) => d.tags?.map((tag) => <Tag key={tag}>{tag}</Tag>),
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
    { id: 'version', name: t('fleet.version'), track: '6rem', cell: (d) => d.agentVersion, by: (d) => d.agentVersion },
  ];
  return [
    ...(check ? [check] : []),
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
    ...(narrow ? [] : wide),
    {
      id: 'alarms',
      name: t('fleet.alarms'),
      track: '5.5rem',
      numeric: true,
      by: (d) => d.activeAlarms,
      cell: (d) => (d.activeAlarms > 0 ? <Tag tone="bad">{d.activeAlarms}</Tag> : <span className="quiet">0</span>),
    },
    ...(narrow
      ? []
      : [
          {
            id: 'seen',
            name: t('fleet.seen'),
            track: '7rem',
            numeric: true,
            by: (d: Device) => d.lastSeenMicros,
            cell: (d: Device) => <span className="quiet">{ago(d.lastSeenMicros)}</span>,
          },
        ]),
  ];
}

const used = (device: Device): number => (device.memoryBytes > 0 ? device.memoryUsedBytes / device.memoryBytes : 0);
