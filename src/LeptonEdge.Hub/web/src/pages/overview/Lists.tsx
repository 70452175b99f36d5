import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { get, type Page } from '../../api/client';
import { useAlarmNews, useHub, useWorkloads } from '../../api/queries';
import type { Device, Workload } from '../../api/types';
import { usePace } from '../../live/LiveProvider';
import { ago, bytes, count, duration, time } from '../../ui/format';
import { Answer, Dot, Empty, Facts, Panel, PlaceTag, SeverityTag, Words } from '../../ui/parts';
import { placeOf, type Place } from '../workloads/places';

const NEWEST = 8;
const WAITING = 1000;

export function Newest() {
  const { t } = useTranslation();
  const alarms = useAlarmNews();
  return (
    <Panel title={t('overview.newest')} end={<Link href="/alarms">{t('overview.allAlarms')}</Link>}>
      <Answer query={alarms}>
        {({ newest }) =>
          newest.length === 0 ? (
            <Empty icon="check" title={t('overview.noAlarms')}>
              {t('overview.noAlarmsHint')}
            </Empty>
          ) : (
            <ul className="list">
              {newest.slice(0, NEWEST).map((alarm) => (
                <li key={alarm.id}>
                  <SeverityTag severity={alarm.severity as 'critical'} />
                  <Link href={`/devices/${alarm.device}`} className="nowrap">
                    {alarm.device}
                  </Link>
                  <span className="cut" title={alarm.message}>
                    <Words>{alarm.message}</Words>
                  </span>
                  <time className="when">{ago(alarm.raisedMicros)}</time>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Panel>
  );
}

/** Devices that are silent, then those whose records wait: the first of each, however large the fleet. */
function useWanting() {
  return useQuery({
    queryKey: ['devices', 'wanting'],
    refetchInterval: usePace(5000),
    queryFn: async ({ signal }) => {
      const [silent, waiting] = await Promise.all([
        get<Page<Device>>('/devices', { online: false, sort: '-lastSeenMicros', limit: NEWEST }, signal),
        get<Page<Device>>('/devices', { online: true, sort: '-backlogRecords', limit: NEWEST }, signal),
      ]);
      return [...silent.items, ...waiting.items.filter((device) => device.backlog.records > WAITING)].slice(0, NEWEST);
    },
  });
}

export function Attention() {
  const { t } = useTranslation();
  const wanting = useWanting();
  const none = useHub().data?.devices.total === 0;
  return (
    <Panel title={t('overview.attention')} end={<Link href="/fleet">{t('overview.fleet')}</Link>}>
      <Answer query={wanting}>
        {(devices) =>
          none ? (
            <Empty title={t('overview.noDevices')}>{t('overview.noDevicesHint')}</Empty>
          ) : devices.length === 0 ? (
            <Empty icon="check" title={t('overview.allWell')}>
              {t('overview.allWellHint')}
            </Empty>
          ) : (
            <ul className="list">
              {devices.map((device) => (
                <Wanting key={device.device} device={device} />
              ))}
            </ul>
          )
        }
      </Answer>
    </Panel>
  );
}

function Wanting({ device }: { device: Device }) {
  const { t } = useTranslation();
  const silent = Math.max(0, Date.now() / 1000 - device.lastSeenMicros / 1e6);
  return (
    <li>
      <Dot tone={device.online ? 'warn' : 'bad'} />
      <Link href={`/devices/${device.device}`} className="nowrap">
        {device.device}
      </Link>
      <span className="cut quiet">{device.site}</span>
      <span className="when">
        {device.online
          ? t('overview.waiting', { count: device.backlog.records })
          : t('overview.silent', { time: duration(silent) })}
      </span>
    </li>
  );
}

export function Places() {
  const { t } = useTranslation();
  const workloads = useWorkloads();
  return (
    <Panel title={t('overview.places')} end={<Link href="/workloads">{t('nav.workloads')}</Link>}>
      <Answer query={workloads}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="workloads" title={t('work.none')}>
              {t('work.noneHint')}
            </Empty>
          ) : (
            <ul className="list">
              {byPlace(all).map(([place, works]) => (
                <li key={place}>
                  <PlaceTag place={place} />
                  <span className={`bar grow ${place}`}>
                    <i style={{ width: `${(works / all.length) * 100}%` }} />
                  </span>
                  <span className="figures">{t('state.of', { part: count(works), whole: count(all.length) })}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Panel>
  );
}

export function HubState() {
  const { t } = useTranslation();
  const hub = useHub();
  return (
    <Panel title={t('overview.hub')}>
      <Answer query={hub}>
        {({ tenant, version, startedMicros, broker, store, plan, memory }) => (
          <Facts
            rows={[
              [t('app.tenant'), tenant],
              [t('overview.version'), <span className="code">{version.split('+')[0]}</span>],
              [t('overview.started'), time(startedMicros)],
              [
                t('overview.broker'),
                broker.connected ? (
                  <span className="good">{t('overview.connected')}</span>
                ) : (
                  <span className="bad">{t('overview.disconnected')}</span>
                ),
              ],
              store && [t('overview.batches'), count(store.batches)],
              store && [
                t('overview.store'),
                store.freeBytes === null
                  ? bytes(store.bytes)
                  : t('overview.storeFree', { bytes: bytes(store.bytes), free: bytes(store.freeBytes) }),
              ],
              plan.moves !== null && [t('overview.moves'), count(plan.moves)],
              [t('overview.memory'), bytes(memory.residentBytes)],
            ]}
          />
        )}
      </Answer>
    </Panel>
  );
}

function byPlace(works: Workload[]): [Place, number][] {
  const counts = new Map<Place, number>();
  for (const work of works) counts.set(placeOf(work), (counts.get(placeOf(work)) ?? 0) + 1);
  return [...counts].sort((one, two) => two[1] - one[1]);
}
