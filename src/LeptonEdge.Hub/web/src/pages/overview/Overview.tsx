import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useActiveAlarms, useCurrency, useDevices, usePlan, useSummary, useWorkloads } from '../../api/queries';
import type { Device, Summary, Workload } from '../../api/types';
import { Spark } from '../../charts/Spark';
import { ago, bytes, count, duration, money, number, percent, time } from '../../ui/format';
import { Answer, Dot, Empty, PageHead, Panel, PlaceTag, SeverityTag, Stat } from '../../ui/parts';
import { hitRate, useTrail } from './trail';

const NEWEST = 8;
const WAITING = 1000;

export default function Overview() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t('overview.title')} />
      <div className="stack">
        <Figures />
        <div className="grid two">
          <Newest />
          <Attention />
          <Places />
          <HubState />
        </div>
      </div>
    </>
  );
}

function Figures() {
  const { t } = useTranslation();
  const [summary, devices, workloads, plan, alarms] = [
    useSummary(),
    useDevices(),
    useWorkloads(),
    usePlan(),
    useActiveAlarms(),
  ];
  const currency = useCurrency();
  const online = devices.data?.filter((device) => device.online).length ?? 0;
  const all = devices.data?.length ?? 0;
  const critical = alarms.data?.filter((alarm) => alarm.severity === 'critical').length ?? 0;
  const readings = sum(summary.data, (row) => row.readingsPerSecond);
  const inferences = workloads.data?.reduce((total, work) => total + work.inferencesPerSecond, 0) ?? 0;
  const trail = useTrail(summary.dataUpdatedAt, { readings, inferences });
  const hit = hitRate(workloads.data ?? []);
  const backlog = devices.data?.reduce((total, device) => total + device.backlog.records, 0) ?? 0;
  return (
    <div className="stats">
      <Stat
        label={t('overview.devices')}
        href="/fleet"
        value={count(online)}
        unit={`/ ${count(all)}`}
        tone={online < all ? 'bad' : undefined}
        note={t('overview.share', { online: count(online), offline: count(all - online) })}
      />
      <Stat
        label={t('overview.alarms')}
        href="/alarms"
        value={count(alarms.data?.length ?? 0)}
        tone={critical > 0 ? 'bad' : undefined}
        note={`${count(critical)} ${t('severity.critical').toLowerCase()}`}
      />
      <Stat
        label={t('overview.readings')}
        value={number(readings)}
        unit={t('overview.perSecond')}
        note={t('overview.last')}
      >
        <Spark values={trail.readings} />
      </Stat>
      <Stat
        label={t('overview.inferences')}
        value={number(inferences)}
        unit={t('overview.perSecond')}
        note={t('overview.last')}
      >
        <Spark values={trail.inferences} color="s3" />
      </Stat>
      <Stat
        label={t('overview.deadline')}
        href="/workloads"
        value={hit === null ? '–' : percent(hit, 2)}
        tone={hit !== null && hit < 0.99 ? 'warn' : undefined}
        note={hit === null ? '' : t('overview.late', { share: percent(1 - hit, 2) })}
      />
      <Stat
        label={t('overview.cost')}
        href="/usage"
        value={money(plan.data?.costPerHour ?? 0, currency)}
        unit={t('overview.perHour')}
        note={plan.data?.gap == null ? t('overview.planUnknown') : t('overview.gap', { gap: percent(plan.data.gap) })}
      />
      <Stat
        label={t('overview.backlog')}
        value={number(backlog)}
        unit={t('overview.records')}
        tone={backlog > WAITING * Math.max(all, 1) ? 'warn' : undefined}
      />
    </div>
  );
}

function Newest() {
  const { t } = useTranslation();
  const alarms = useActiveAlarms();
  return (
    <Panel title={t('overview.newest')} end={<Link href="/alarms">{t('overview.allAlarms')}</Link>}>
      <Answer query={alarms}>
        {(active) =>
          active.length === 0 ? (
            <Empty icon="check" title={t('overview.noAlarms')}>
              {t('overview.noAlarmsHint')}
            </Empty>
          ) : (
            <ul className="list">
              {active.slice(0, NEWEST).map((alarm) => (
                <li key={alarm.id}>
                  <SeverityTag severity={alarm.severity} />
                  <Link href={`/devices/${alarm.device}`} className="nowrap">
                    {alarm.device}
                  </Link>
                  <span className="cut" title={alarm.message}>
                    {alarm.message}
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

function Attention() {
  const { t } = useTranslation();
  const devices = useDevices();
  return (
    <Panel title={t('overview.attention')} end={<Link href="/fleet">{t('overview.fleet')}</Link>}>
      <Answer query={devices}>
        {(all) => {
          if (all.length === 0) return <Empty title={t('overview.noDevices')}>{t('overview.noDevicesHint')}</Empty>;
          const wanting = all.filter((device) => !device.online || device.backlog.records > WAITING);
          if (wanting.length === 0)
            return (
              <Empty icon="check" title={t('overview.allWell')}>
                {t('overview.allWellHint')}
              </Empty>
            );
          return (
            <ul className="list">
              {wanting.slice(0, NEWEST).map((device) => (
                <Wanting key={device.device} device={device} />
              ))}
            </ul>
          );
        }}
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

function Places() {
  const { t } = useTranslation();
  const workloads = useWorkloads();
  return (
    <Panel title={t('overview.places')} end={<Link href="/workloads">{t('nav.workloads')}</Link>}>
      <Answer query={workloads}>
        {(all) => (
          <ul className="list">
            {byPlace(all).map(([place, works]) => (
              <li key={place}>
                <PlaceTag place={place} />
                <span className="bar grow">
                  <i style={{ width: `${(works / all.length) * 100}%` }} />
                </span>
                <span className="figures">{t('state.of', { part: count(works), whole: count(all.length) })}</span>
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Panel>
  );
}

function HubState() {
  const { t } = useTranslation();
  const summary = useSummary();
  return (
    <Panel title={t('overview.hub')}>
      <Answer query={summary}>
        {({ hub }) => (
          <dl className="facts">
            <dt>{t('app.tenant')}</dt>
            <dd>{hub.tenant}</dd>
            <dt>{t('overview.started')}</dt>
            <dd>{time(hub.startedMicros)}</dd>
            <dt>{t('overview.broker')}</dt>
            <dd>
              {hub.brokerConnected ? (
                <span className="good">{t('overview.connected')}</span>
              ) : (
                <span className="bad">{t('overview.disconnected')}</span>
              )}
            </dd>
            <dt>{t('overview.batches')}</dt>
            <dd>{count(hub.batches)}</dd>
            <dt>{t('overview.moves')}</dt>
            <dd>{count(hub.moves)}</dd>
            <dt>{t('overview.memory')}</dt>
            <dd>{bytes(hub.residentBytes)}</dd>
          </dl>
        )}
      </Answer>
    </Panel>
  );
}

function byPlace(works: Workload[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const work of works) {
    const place = work.recipe === 'whole' ? work.place : work.recipe;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }

  return [...counts].sort((one, two) => two[1] - one[1]);
}

/** A channel read by several workloads has as many rows. */
function sum(summary: Summary | undefined, of: (row: Summary['rows'][number]) => number): number {
  const seen = new Set<string>();
  return (summary?.rows ?? []).reduce((total, row) => {
    const key = `${row.device} ${row.channel}`;
    if (seen.has(key) || !row.online) return total;
    seen.add(key);
    return total + of(row);
  }, 0);
}
