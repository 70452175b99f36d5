import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { ApiError, get } from '../../api/client';
import { usePace, useTopic } from '../../live/LiveProvider';
import { usePlanDevices } from '../../api/queries';
import type { DeviceDetail } from '../../api/types';
import { ago, bytes, count, duration, percent, seconds } from '../../ui/format';
import { Dot, Empty, Fault, Loading, PageHead, Panel, Stat, Tag } from '../../ui/parts';
import { Actions } from './Actions';
import { About, WorkTable } from './About';

const Live = lazy(() => import('./Live'));
const DeviceAlarms = lazy(() => import('./DeviceAlarms'));
const TABS = ['live', 'work', 'alarms', 'about'] as const;
export type DeviceTab = (typeof TABS)[number];

export default function Device({ name, tab }: { name: string; tab: string }) {
  const { t } = useTranslation();
  useTopic('devices');
  const query = useQuery({
    queryKey: ['device', name],
    queryFn: ({ signal }) => get<DeviceDetail>(`/devices/${name}`, {}, signal),
    refetchInterval: usePace(2000),
  });
  if (query.error instanceof ApiError && query.error.status === 404)
    return (
      <>
        <PageHead title={name} />
        <Panel>
          <Empty
            icon="search"
            title={t('device.unknown')}
            action={
              <Link className="button" href="/fleet">
                {t('nav.fleet')}
              </Link>
            }
          >
            {query.error.message}
          </Empty>
        </Panel>
      </>
    );
  if (!query.data)
    return (
      <>
        <PageHead title={name} />
        {query.error ? <Fault error={query.error} again={() => void query.refetch()} /> : <Loading lines={10} />}
      </>
    );
  const current: DeviceTab = TABS.find((known) => known === tab) ?? 'live';
  return (
    <>
      <PageHead title={name} lead={<Standing detail={query.data} />}>
        <Actions detail={query.data} />
      </PageHead>
      <Figures detail={query.data} />
      <nav className="tabs" aria-label={name}>
        {TABS.map((id) => (
          <Link
            key={id}
            href={id === 'live' ? `/devices/${name}` : `/devices/${name}/${id}`}
            aria-current={id === current ? 'page' : undefined}
          >
            {t(`device.${id}`)}
            {id === 'alarms' && query.data.activeAlarms.length > 0 && ` (${query.data.activeAlarms.length})`}
          </Link>
        ))}
      </nav>
      <Suspense fallback={<Loading lines={8} />}>
        {current === 'live' && <Live detail={query.data} />}
        {current === 'work' && <WorkTable detail={query.data} />}
        {current === 'alarms' && <DeviceAlarms device={name} />}
        {current === 'about' && <About detail={query.data} />}
      </Suspense>
    </>
  );
}

function Standing({ detail: { summary } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const standing = usePlanDevices().data?.find((device) => device.device === summary.device);
  const online = summary.online && !standing?.down;
  return (
    <span className="row">
      <Tag tone={online ? 'good' : 'bad'}>
        <Dot tone={online ? 'good' : 'bad'} label={t(online ? 'state.online' : 'state.offline')} />
      </Tag>
      {standing?.drained && <Tag tone="warn">{t('state.drained')}</Tag>}
      {standing?.distrust && (
        <Tag tone="warn">
          {t('state.distrusted')}: {standing.distrust}
        </Tag>
      )}
      <span className="quiet small">
        {summary.site} · {summary.board} · {ago(summary.lastSeenMicros)}
      </span>
    </span>
  );
}

function Figures({ detail: { summary } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const used = summary.memoryBytes > 0 ? summary.memoryUsedBytes / summary.memoryBytes : Number.NaN;
  return (
    <div className="stats dense">
      <Stat
        label={t('fleet.cpu')}
        value={percent(summary.cpuLoad, 0)}
        tone={summary.cpuLoad > 0.9 ? 'warn' : undefined}
      />
      <Stat
        label={t('fleet.lane')}
        value={percent(summary.laneUtilisation, 0)}
        tone={summary.laneUtilisation > 0.9 ? 'warn' : undefined}
      />
      <Stat
        label={t('fleet.memory')}
        value={percent(used, 0)}
        note={`${bytes(summary.memoryUsedBytes)} / ${bytes(summary.memoryBytes)}`}
      />
      <Stat label={t('device.agentMemory')} value={bytes(summary.residentBytes)} />
      <Stat label={t('device.rtt')} value={seconds(summary.hubRttSeconds)} />
      <Stat
        label={t('fleet.backlog')}
        value={count(summary.backlog.records)}
        tone={summary.backlog.records > 1000 ? 'warn' : undefined}
        note={`${bytes(summary.backlog.bytes)}${summary.backlog.shedRecords > 0 ? ` · ${t('device.shed', { count: summary.backlog.shedRecords })}` : ''}`}
      />
      <Stat label={t('device.uptime')} value={duration(Math.max(0, Date.now() / 1000 - summary.startedMicros / 1e6))} />
    </div>
  );
}
