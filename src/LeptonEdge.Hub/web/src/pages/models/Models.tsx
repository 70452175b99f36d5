import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { getAll } from '../../api/client';
import type { Model } from '../../api/types';
import { usePace } from '../../live/LiveProvider';
import { bytes, count, number, seconds } from '../../ui/format';
import { Answer, Empty, PageHead, Panel, Tag } from '../../ui/parts';

const SHOWN = 6;

/** Every version of every model that the hub has or a device runs, with what is measured of it and where it runs. */
export default function Models() {
  const { t } = useTranslation();
  const models = useQuery({
    queryKey: ['models'],
    refetchInterval: usePace(5000),
    queryFn: ({ signal }) => getAll<Model>('/models', {}, signal),
  });
  return (
    <>
      <PageHead title={t('nav.models')} />
      <Answer query={models} lines={8}>
        {(all) =>
          all.length === 0 ? (
            <Panel>
              <Empty icon="models" title={t('models.none')}>
                {t('models.noneHint')}
              </Empty>
            </Panel>
          ) : (
            <div className="grid two">
              {all.map((model) => (
                <Card key={model.model} model={model} />
              ))}
            </div>
          )
        }
      </Answer>
    </>
  );
}

function Card({ model }: { model: Model }) {
  const { t } = useTranslation();
  const rate = model.deployed.reduce((total, work) => total + work.inferencesPerSecond, 0);
  const slowest = Math.max(0, ...model.deployed.map((work) => work.localP99Seconds));
  return (
    <Panel
      title={<span className="code">{model.model}</span>}
      end={
        <>
          {model.onHub && <Tag tone="hub">{t('models.onHub')}</Tag>}
          {model.devices > 0 && <Tag tone="good">{t('models.devices', { count: model.devices })}</Tag>}
        </>
      }
    >
      {model.description && <p className="quiet">{model.description}</p>}
      {model.reason && <p className="strip warn wrap">{t('models.absentOnHub', { reason: model.reason })}</p>}
      <dl className="facts">
        {model.task && (
          <>
            <dt>{t('models.task')}</dt>
            <dd>{t(`models.tasks.${model.task as 'anomaly'}`, { defaultValue: model.task })}</dd>
          </>
        )}
        {model.classes.length > 0 && (
          <>
            <dt>{t('models.classes')}</dt>
            <dd>{model.classes.join(', ')}</dd>
          </>
        )}
        <dt>{t('models.where')}</dt>
        <dd className="row">
          {model.deployed.length === 0 && <span className="quiet">{t('models.nowhere')}</span>}
          {model.deployed.slice(0, SHOWN).map((work) => (
            <Link key={`${work.device}/${work.workload}`} href={`/workloads/${work.device}/${work.workload}`}>
              {work.device}/{work.workload}
            </Link>
          ))}
          {model.deployed.length > SHOWN && <span className="quiet">+{count(model.deployed.length - SHOWN)}</span>}
        </dd>
        {model.deployed.length > 0 && (
          <>
            <dt>{t('work.rate')}</dt>
            <dd>
              {number(rate)}
              {t('overview.perSecond')}
            </dd>
            <dt>{t('work.localP99')}</dt>
            <dd>{seconds(slowest)}</dd>
          </>
        )}
        {model.onHub && (
          <>
            <dt>{t('models.hubTime')}</dt>
            <dd>
              {seconds(model.meanSeconds ?? 0)} / {seconds(model.p99Seconds ?? 0)}
            </dd>
          </>
        )}
        {model.memoryBytes !== null && (
          <>
            <dt>{t('models.memory')}</dt>
            <dd>{bytes(model.memoryBytes)}</dd>
          </>
        )}
        {model.bytes > 0 && (
          <>
            <dt>{t('models.size')}</dt>
            <dd>{bytes(model.bytes)}</dd>
          </>
        )}
        {model.licence && (
          <>
            <dt>{t('models.licence')}</dt>
            <dd>{model.licence}</dd>
          </>
        )}
      </dl>
    </Panel>
  );
}
