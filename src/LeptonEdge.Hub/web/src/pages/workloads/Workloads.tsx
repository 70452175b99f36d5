import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { usePlan, useWorkloads } from '../../api/queries';
import { Answer, PageHead, Panel } from '../../ui/parts';
import { Drains } from './Drains';
import { FlowPicture } from './FlowPicture';
import { MoveList } from './MoveList';
import { MoveTable } from './MoveTable';
import { PlanFigures } from './PlanFigures';
import { WorkloadTable } from './WorkloadTable';

const TABS = ['now', 'moves', 'drain'] as const;

export default function Workloads({ tab }: { tab: string }) {
  const { t } = useTranslation();
  const current = TABS.find((id) => id === tab) ?? 'now';
  return (
    <>
      <PageHead title={t('nav.workloads')} />
      <nav className="tabs" aria-label={t('nav.workloads')}>
        {TABS.map((id) => (
          <Link
            key={id}
            href={id === 'now' ? '/workloads' : `/workloads/${id}`}
            aria-current={id === current ? 'page' : undefined}
          >
            {t(`work.tabs.${id}`)}
          </Link>
        ))}
      </nav>
      {current === 'now' && <Now />}
      {current === 'moves' && <MoveTable />}
      {current === 'drain' && <Drains />}
    </>
  );
}

/** What runs where, now. */
function Now() {
  const { t } = useTranslation();
  const [workloads, plan] = [useWorkloads(), usePlan()];
  return (
    <div className="stack">
      <PlanFigures />
      <div className="grid wide-left">
        <Panel title={t('work.picture')}>
          <Answer query={workloads}>{(all) => <FlowPicture workloads={all} moves={plan.data?.moves ?? []} />}</Answer>
        </Panel>
        <Panel title={t('work.moves')} end={<Link href="/workloads/moves">{t('work.allMoves')}</Link>}>
          <Answer query={plan}>{(now) => <MoveList moves={now.moves} />}</Answer>
        </Panel>
      </div>
      <Answer query={workloads} lines={8}>
        {(all) => <WorkloadTable workloads={all} />}
      </Answer>
    </div>
  );
}
