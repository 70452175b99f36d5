import { useTranslation } from 'react-i18next';
import { usePlanDevices } from '../../api/queries';
import type { DeviceDetail } from '../../api/types';
import { ago, bytes, count, duration, number, percent, seconds } from '../../ui/format';
import { Dot, Stat, Tag, Words } from '../../ui/parts';

const HOT_CELSIUS = 85;
const WAITING = 1000;
const BUSY = 0.9;

/** Whether the device is there, and whether the planner uses and believes it. */
export function Standing({ detail: { summary } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const standing = usePlanDevices().data?.find((device) => device.device === summary.device);
  const online = summary.online && !standing?.down;
  return (
    <span className="row">
      <Tag tone={online ? 'good' : 'bad'}>
        <Dot tone={online ? 'good' : 'bad'} label={t(online ? 'state.online' : 'state.offline')} />
      </Tag>
      {summary.drained && <Tag tone="warn">{t('state.drained')}</Tag>}
      {standing?.distrust && (
        <Tag tone="warn">
          {t('state.distrusted')}: <Words>{standing.distrust}</Words>
        </Tag>
      )}
      <span className="quiet small">
        {summary.site} · {summary.board} · {ago(summary.lastSeenMicros)}
      </span>
    </span>
  );
}

/** How it is, in figures. */
export function Figures({ detail: { summary } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const { backlog, storage, temperatureCelsius: heat } = summary;
  const used = summary.memoryBytes > 0 ? summary.memoryUsedBytes / summary.memoryBytes : Number.NaN;
  const shed = backlog.shedRecords > 0 ? ` · ${t('device.shed', { count: backlog.shedRecords })}` : '';
  const warn = (bad: boolean) => (bad ? 'warn' : undefined);
  return (
    <div className="stats dense">
      <Stat label={t('fleet.cpu')} value={percent(summary.cpuLoad, 0)} tone={warn(summary.cpuLoad > BUSY)} />
      <Stat
        label={t('fleet.lane')}
        value={percent(summary.laneUtilisation, 0)}
        tone={warn(summary.laneUtilisation > BUSY)}
      />
      {heat !== null && (
        <Stat label={t('device.temperature')} value={number(heat)} unit="°C" tone={warn(heat > HOT_CELSIUS)} />
      )}
      <Stat
        label={t('fleet.memory')}
        value={percent(used, 0)}
        note={`${bytes(summary.memoryUsedBytes)} / ${bytes(summary.memoryBytes)}`}
      />
      {storage && (
        <Stat
          label={t('device.diskFree')}
          value={bytes(storage.freeBytes)}
          tone={warn(storage.freeBytes < storage.bytes / 20)}
          note={t('device.of', { all: bytes(storage.bytes) })}
        />
      )}
      <Stat label={t('device.agentMemory')} value={bytes(summary.residentBytes)} />
      <Stat label={t('device.rtt')} value={seconds(summary.hubRttSeconds)} />
      <Stat
        label={t('fleet.backlog')}
        value={count(backlog.records)}
        tone={warn(backlog.records > WAITING)}
        note={`${bytes(backlog.bytes)}${shed}`}
      />
      <Stat label={t('device.uptime')} value={duration(Math.max(0, Date.now() / 1000 - summary.startedMicros / 1e6))} />
    </div>
  );
}
