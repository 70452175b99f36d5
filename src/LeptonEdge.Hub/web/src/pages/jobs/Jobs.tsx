import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll, send } from '../../api/client';
import type { Job } from '../../api/types';
import { useMay, useSession } from '../../app/session';
import { usePace, useTopic } from '../../live/LiveProvider';
import { ago, count, duration, number, percent } from '../../ui/format';
import { Answer, Empty, PageHead, Panel, Tag, type Tone } from '../../ui/parts';
import { sayFault } from '../../ui/Toasts';
import { NewJob } from './NewJob';

const TONE: Record<string, Tone> = {
  running: 'accent',
  done: 'good',
  failed: 'bad',
  expired: 'bad',
  cancelled: 'none',
  waiting: 'warn',
};
const isOpen = (job: Job): boolean => job.state === 'running' || job.state === 'waiting';

export default function Jobs() {
  const { t } = useTranslation();
  const [making, setMaking] = useState(false);
  const may = useMay('operator');
  const session = useSession();
  useTopic('jobs', session.sites === null);
  const jobs = useQuery({
    queryKey: ['jobs'],
    queryFn: ({ signal }) => getAll<Job>('/jobs', { limit: 200 }, signal, 200),
    refetchInterval: usePace(),
  });
  return (
    <>
      <PageHead title={t('nav.jobs')}>
        {may && (
          <button type="button" className="button primary" onClick={() => setMaking(true)}>
            {t('jobs.new')}
          </button>
        )}
      </PageHead>
      <Answer query={jobs} lines={8}>
        {(all) =>
          all.length === 0 ? (
            <Panel>
              <Empty icon="jobs" title={t('jobs.none')}>
                {t('jobs.noneHint')}
              </Empty>
            </Panel>
          ) : (
            <div className="stack">
              {all.map((job) => (
                <JobCard key={job.id} job={job} />
              ))}
            </div>
          )
        }
      </Answer>
      {making && <NewJob onClose={() => setMaking(false)} />}
    </>
  );
}

function JobCard({ job }: { job: Job }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const may = useMay('operator');
  const share = job.state === 'done' ? 1 : job.total > 0 ? Math.min(1, job.done / job.total) : 0;
  const title = `${job.id} · ${t(`jobs.kinds.${job.kind as 'rescore'}`, { defaultValue: job.kind })} · ${job.model}`;
  const cancel = async () => {
    try {
      await send('POST', `/jobs/${job.id}/cancel`);
      await queries.invalidateQueries({ queryKey: ['jobs'] });
    } catch (fault) {
      sayFault(fault);
    }
  };
  return (
    <Panel
      title={title}
      end={
        <>
          <Tag tone={TONE[job.state] ?? 'none'}>
            {t(`jobs.states.${job.state as 'done'}`, { defaultValue: job.state })}
          </Tag>
          {may && isOpen(job) && (
            <button type="button" className="button small" onClick={() => void cancel()}>
              {t('jobs.cancel')}
            </button>
          )}
        </>
      }
    >
      <div className="row">
        <span
          className={`bar grow ${TONE[job.state] ?? ''}`}
          role="progressbar"
          aria-label={title}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(share * 100)}
        >
          <i style={{ width: `${share * 100}%` }} />
        </span>
        <span className="figures">{percent(share)}</span>
      </div>
      <p className="small quiet row">
        {job.device && (
          <span>
            {job.device} · {job.channel}
          </span>
        )}
        <span>{t('jobs.progress', { done: count(job.done), total: count(job.total) })}</span>
        <span>{t('jobs.results', { count: job.resultItems })}</span>
        <span>{ago(job.submittedMicros)}</span>
        {job.endedMicros > 0 && job.startedMicros > 0 && (
          <span>{t('jobs.took', { time: duration((job.endedMicros - job.startedMicros) / 1e6) })}</span>
        )}
      </p>
      {job.findings && (
        <p className="small">
          {t('jobs.findings', {
            above: count(job.findings.aboveThreshold),
            windows: count(job.findings.windows),
            max: number(job.findings.scoreMax ?? Number.NaN),
          })}
        </p>
      )}
      {job.reason && <p className="small wrap">{job.reason}</p>}
    </Panel>
  );
}
