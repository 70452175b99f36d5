import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Model } from '../../api/types';
import { useMay } from '../../app/session';
import { bytes, count, number, seconds } from '../../ui/format';
import { Facts, Panel, Tag, Words } from '../../ui/parts';
import { Card } from './Card';
import { RollOut } from './RollOut';

const SHOWN = 6;

/** One model, with a choice of its versions. */
export function ModelCard({ versions }: { versions: Model[] }) {
  const { t } = useTranslation();
  const may = useMay('operator');
  const [version, setVersion] = useState(versions[0]!.version);
  const [rolling, setRolling] = useState(false);
  const model = versions.find((known) => known.version === version) ?? versions[0]!;
  return (
    <Panel
      title={<span className="code">{model.name}</span>}
      end={
        <>
          {model.onHub && <Tag tone="hub">{t('models.onHub')}</Tag>}
          {model.devices > 0 && <Tag tone="good">{t('models.devices', { count: model.devices })}</Tag>}
          {may && (
            <button
              type="button"
              className="button small"
              aria-label={`${t('models.rollOut')} ${model.model}`}
              onClick={() => setRolling(true)}
            >
              {t('models.rollOut')}
            </button>
          )}
        </>
      }
    >
      <div className="row versions" role="group" aria-label={`${t('models.versions')}: ${model.name}`}>
        {versions.map((known) => (
          <button
            key={known.version}
            type="button"
            className="button small"
            aria-pressed={known === model}
            onClick={() => setVersion(known.version)}
          >
            {known.version}
            {known.devices > 0 && <span className="quiet">· {known.devices}</span>}
          </button>
        ))}
      </div>
      {model.description && (
        <p className="quiet">
          <Words>{model.description}</Words>
        </p>
      )}
      {model.reason && (
        <p className="strip warn wrap">
          {t('models.absentOnHub', { reason: '' })}
          <Words>{model.reason}</Words>
        </p>
      )}
      <Card model={model} />
      <Details model={model} />
      {rolling && <RollOut model={model} onClose={() => setRolling(false)} />}
    </Panel>
  );
}

function Details({ model }: { model: Model }) {
  const { t } = useTranslation();
  const rate = model.deployed.reduce((total, work) => total + work.inferencesPerSecond, 0);
  const slowest = Math.max(0, ...model.deployed.map((work) => work.localP99Seconds));
  const runs = model.deployed.length > 0;
  const loaded = (model.memoryBytes ?? 0) > 0;
  return (
    <Facts
      rows={[
        model.task && [t('models.task'), t(`models.tasks.${model.task as 'anomaly'}`, { defaultValue: model.task })],
        model.classes.length > 0 && [t('models.classes'), <span className="code">{model.classes.join(', ')}</span>],
        [t('models.where'), <Where key="where" model={model} />],
        runs && [t('work.rate'), `${number(rate)}${t('overview.perSecond')}`],
        runs && [t('work.localP99'), seconds(slowest)],
        model.onHub && [t('models.hubTime'), `${seconds(model.meanSeconds ?? 0)} / ${seconds(model.p99Seconds ?? 0)}`],
        model.onHub && [t('models.memory'), loaded ? bytes(model.memoryBytes!) : t('models.notLoaded')],
        model.files.length > 0 && [
          t('models.size'),
          model.files.map((file) => `${file.variant} ${bytes(file.bytes)}`).join(', '),
        ],
        model.licence && [t('models.licence'), model.licence],
      ]}
    />
  );
}

function Where({ model }: { model: Model }) {
  const { t } = useTranslation();
  if (model.deployed.length === 0) return <span className="quiet">{t('models.nowhere')}</span>;
  return (
    <span className="row">
      {model.deployed.slice(0, SHOWN).map((work) => (
        <Link key={`${work.device}/${work.workload}`} href={`/workloads/${work.device}/${work.workload}`}>
          {work.device}/{work.workload}
        </Link>
      ))}
      {model.deployed.length > SHOWN && <span className="quiet">+{count(model.deployed.length - SHOWN)}</span>}
    </span>
  );
}
