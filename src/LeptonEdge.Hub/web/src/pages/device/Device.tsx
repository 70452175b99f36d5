import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { ApiError, get } from '../../api/client';
import type { DeviceDetail } from '../../api/types';
import { usePace, useRows, useTopic } from '../../live/LiveProvider';
import { Empty, Fault, Loading, PageHead, Panel } from '../../ui/parts';
import { Actions } from './Actions';
import { Figures, Standing } from './Figures';

const Live = lazy(() => import('./Live'));
const WorkTable = lazy(() => import('./WorkTable'));
const About = lazy(() => import('./About'));
const DeviceAlarms = lazy(() => import('./DeviceAlarms'));
const Logs = lazy(() => import('./Logs'));
const Rules = lazy(() => import('./Rules'));
const TABS = ['live', 'work', 'alarms', 'rules', 'logs', 'about'] as const;
export type DeviceTab = (typeof TABS)[number];

export default function Device({ name, tab }: { name: string; tab: string }) {
  useTopic('devices');
  useRows(name);
  const query = useQuery({
    queryKey: ['device', name],
    queryFn: ({ signal }) => get<DeviceDetail>(`/devices/${name}`, {}, signal),
    refetchInterval: usePace(3000),
  });
  if (query.error instanceof ApiError && query.error.status === 404) return <Unknown name={name} error={query.error} />;
  if (!query.data) {
    const again = () => void query.refetch();
    return (
      <>
        <PageHead title={name} />
        {query.error ? <Fault error={query.error} again={again} /> : <Loading lines={10} />}
      </>
    );
  }
  const current: DeviceTab = TABS.find((known) => known === tab) ?? 'live';
  return (
    <>
      <PageHead title={name} lead={<Standing detail={query.data} />}>
        <Actions detail={query.data} />
      </PageHead>
      <Figures detail={query.data} />
      <Tabs name={name} current={current} alarms={query.data.activeAlarms.length} />
      <Suspense fallback={<Loading lines={8} />}>
        {current === 'live' && <Live detail={query.data} />}
        {current === 'work' && <WorkTable detail={query.data} />}
        {current === 'alarms' && <DeviceAlarms device={name} />}
        {current === 'rules' && <Rules device={name} />}
        {current === 'logs' && <Logs device={name} />}
        {current === 'about' && <About detail={query.data} />}
      </Suspense>
    </>
  );
}

function Tabs({ name, current, alarms }: { name: string; current: DeviceTab; alarms: number }) {
  const { t } = useTranslation();
  return (
    <nav className="tabs" aria-label={name}>
      {TABS.map((id) => (
        <Link
          key={id}
          href={id === 'live' ? `/devices/${name}` : `/devices/${name}/${id}`}
          aria-current={id === current ? 'page' : undefined}
        >
          {t(`device.${id}`)}
          {id === 'alarms' && alarms > 0 && ` (${alarms})`}
        </Link>
      ))}
    </nav>
  );
}

function Unknown({ name, error }: { name: string; error: ApiError }) {
  const { t } = useTranslation();
  const back = (
    <Link className="button" href="/fleet">
      {t('nav.fleet')}
    </Link>
  );
  return (
    <>
      <PageHead title={name} />
      <Panel>
        <Empty icon="search" title={t('device.unknown')} action={back}>
          {t('device.unknownHint')}
          <span className="small said" lang="en">
            {error.message}
          </span>
        </Empty>
      </Panel>
    </>
  );
}
