import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useWorkloads } from '../../api/queries';
import type { Workload } from '../../api/types';
import { count, number, percent, seconds } from '../../ui/format';
import { Answer, Empty, PageHead, Panel, Tag } from '../../ui/parts';

interface Deployed { name: string; onHub: boolean; works: Workload[] }

/** Models that run somewhere, with what is measured of each and where it runs. */
export default function Models() {
  const { t } = useTranslation();
  const workloads = useWorkloads();
  return (
    <>
      <PageHead title={t('nav.models')} />
      <Answer query={workloads} lines={8}>{(all) => <List workloads={all} />}</Answer>
    </>
  );
}

function List({ workloads }: { workloads: Workload[] }) {
  const { t } = useTranslation();
  const models = useMemo(() => deployed(workloads), [workloads]);
  if (models.length === 0) return <Panel><Empty icon="models" title={t('models.none')}>{t('models.noneHint')}</Empty></Panel>;
  return <div className="grid two">{models.map((model) => <Model key={`${model.name} ${model.onHub}`} model={model} />)}</div>;
}

function Model({ model: { name, onHub, works } }: { model: Deployed }) {
  const { t } = useTranslation();
  const rate = works.reduce((total, work) => total + work.inferencesPerSecond, 0);
  const answers = works.reduce((total, work) => total + work.inferencesLocal + work.inferencesHub + work.inferencesPeer, 0);
  const late = works.reduce((total, work) => total + work.late, 0);
  const slowest = Math.max(...works.map((work) => (onHub ? work.hubP99Seconds : work.localP99Seconds)));
  const refused = works.filter((work) => work.modelRefused);
  return (
    <Panel title={<span className="code">{name}</span>} end={<Tag tone={onHub ? 'hub' : 'good'}>{t(onHub ? 'models.onHub' : 'models.onDevices')}</Tag>}>
      <dl className="facts">
        <dt>{t('models.where')}</dt>
        <dd className="row">{works.slice(0, 6).map((work) => <Link key={`${work.device}/${work.workload}`} href={`/workloads/${work.device}/${work.workload}`}>{work.device}/{work.workload}</Link>)}
          {works.length > 6 && <span className="quiet">+{count(works.length - 6)}</span>}</dd>
        <dt>{t('models.provider')}</dt><dd>{onHub ? t('place.hub') : [...new Set(works.map((work) => work.executionProvider))].join(', ')}</dd>
        <dt>{t('work.rate')}</dt><dd>{onHub ? t('models.when') : `${number(rate)}${t('overview.perSecond')}`}</dd>
        <dt>{t('work.p99')}</dt><dd>{seconds(slowest)}</dd>
        {!onHub && <><dt>{t('work.late')}</dt><dd className={late > 0 ? 'warn' : ''}>{answers > 0 ? percent(late / answers, 2) : '–'}</dd></>}
      </dl>
      {refused.map((work) => <p key={work.device} className="strip warn wrap">{work.device}: {work.modelRefused}</p>)}
    </Panel>
  );
}

function deployed(workloads: Workload[]): Deployed[] {
  const models = new Map<string, Deployed>();
  const add = (name: string, onHub: boolean, work: Workload) => {
    const key = `${name} ${onHub}`;
    if (!models.has(key)) models.set(key, { name, onHub, works: [] });
    models.get(key)!.works.push(work);
  };
  for (const work of workloads) {
    add(`${work.model}/${work.modelVersion}`, false, work);
    if (work.hubModel) add(work.hubModel, true, work);
  }

  return [...models.values()].sort((one, two) => one.name.localeCompare(two.name));
}
