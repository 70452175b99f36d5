import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { get } from '../../api/client';
import { usePlan, useWorkloads } from '../../api/queries';
import type { Explanation } from '../../api/types';
import { usePace } from '../../live/LiveProvider';
import { number, seconds } from '../../ui/format';
import { Answer, PageHead, Panel, PlaceTag, Stat } from '../../ui/parts';
import { MoveList } from './MoveList';
import { Pinning } from './Pinning';
import { Why } from './Why';

/** One workload: where it runs, why, what else there would be, and pins. */
export default function WorkloadPage({ device, workload }: { device: string; workload: string }) {
  const { t } = useTranslation();
  const plan = usePlan();
  const own = useWorkloads().data?.find((work) => work.device === device && work.workload === workload);
  const why = useQuery({
    queryKey: ['plan', 'why', device, workload],
    refetchInterval: usePace(3000),
    queryFn: ({ signal }) => get<Explanation>(`/plan/workloads/${device}/${workload}`, {}, signal),
  });
  return (
    <>
      <PageHead
        title={`${device}/${workload}`}
        lead={
          <span className="row">
            {own && <PlaceTag place={own.recipe === 'whole' ? own.place : own.recipe} />}
            <Link href={`/devices/${device}`}>{device}</Link>
          </span>
        }
      >
        <Pinning device={device} workload={workload} options={why.data?.options ?? []} />
      </PageHead>
      <div className="stack">
        {own && (
          <div className="stats dense">
            <Stat label={t('work.rate')} value={number(own.inferencesPerSecond)} unit={t('overview.perSecond')} />
            <Stat label={t('work.deadline')} value={seconds(own.deadlineSeconds)} />
            <Stat label={t('work.localP99')} value={seconds(own.localP99Seconds)} />
            <Stat label={t('work.hubP99')} value={seconds(own.hubP99Seconds)} />
            <Stat label={t('work.late')} value={number(own.late)} tone={own.late > 0 ? 'warn' : undefined} />
            <Stat
              label={t('work.model')}
              value={
                <span className="middle">
                  {own.model}/{own.modelVersion}
                </span>
              }
              note={own.executionProvider}
            />
          </div>
        )}
        <Answer query={why}>{(explained) => <Why explained={explained} />}</Answer>
        <Panel title={t('work.moves')}>
          <MoveList
            moves={plan.data?.moves.filter((move) => move.device === device && move.workload === workload) ?? []}
          />
        </Panel>
      </div>
    </>
  );
}
