import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { usePlan } from '../../api/queries';
import type { DeviceDetail } from '../../api/types';
import { count, number, time } from '../../ui/format';
import { Empty, Panel, PlaceTag, Tag } from '../../ui/parts';
import { Verdicts } from './Verdicts';

export function WorkTable({ detail }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <Verdicts detail={detail} />
      <Panel title={t('device.channels')} flush>
        <div className="table-scroll" tabIndex={0} role="group" aria-label={t('device.channels')}>
          <table className="plain">
            <thead><tr><th>{t('device.channel')}</th><th>{t('device.source')}</th><th>{t('device.unit')}</th><th>{t('device.upload')}</th><th className="n">{t('device.rate')}</th><th className="n">{t('device.readings')}</th><th className="n">{t('device.invalid')}</th></tr></thead>
            <tbody>
              {detail.channels.map((channel) => (
                <tr key={channel.channel}>
                  <th scope="row" className="code">{channel.channel}</th>
                  <td>{channel.source} {channel.simulated && <Tag tone="warn">{t('state.simulated')}</Tag>}</td>
                  <td>{channel.unit}</td><td>{channel.upload}</td><td className="n">{number(channel.readingsPerSecond)}{t('overview.perSecond')}</td>
                  <td className="n">{count(channel.readings)}</td><td className="n">{count(channel.invalid)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
    </div>
  );
}

export function About({ detail }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const { summary } = detail;
  return (
    <div className="grid two">
      <Panel title={t('device.identity')}>
        <dl className="facts">
          <dt>{t('fleet.device')}</dt><dd className="code">{summary.device}</dd>
          <dt>{t('device.site')}</dt><dd>{summary.site}</dd>
          <dt>{t('device.board')}</dt><dd>{summary.board}</dd>
          <dt>{t('device.agent')}</dt><dd className="code">{summary.agentVersion}</dd>
          <dt>{t('device.started')}</dt><dd>{time(summary.startedMicros)}</dd>
          <dt>{t('device.seen')}</dt><dd>{time(summary.lastSeenMicros)}</dd>
        </dl>
      </Panel>
      <Panel title={t('device.certificate')}>
        <p>{t('device.certificateHint')}</p>
        <pre className="code block">lepton hub issue {summary.device} --data DATA --tenant TENANT --out FOLDER</pre>
      </Panel>
      <Desired detail={detail} />
    </div>
  );
}

/** What the hub wants beside what the device says that it does. */
function Desired({ detail }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const plan = usePlan();
  const behind = plan.data ? plan.data.version - detail.summary.planVersion : 0;
  return (
    <Panel title={t('device.desired')} className="span" flush end={<Tag tone={behind > 0 ? 'warn' : 'good'}>{t('device.planVersion', { own: detail.summary.planVersion, hub: plan.data?.version ?? '–' })}</Tag>}>
      {detail.workloads.length === 0 ? <Empty title={t('device.noWorkloads')}>{t('device.noWorkloadsHint')}</Empty> : (
        <div className="table-scroll" tabIndex={0} role="group" aria-label={t('device.desired')}>
          <table className="plain">
            <thead><tr><th>{t('work.workload')}</th><th>{t('device.wanted')}</th><th>{t('device.runs')}</th><th>{t('work.model')}</th><th>{t('device.provider')}</th><th>{t('work.why')}</th></tr></thead>
            <tbody>
              {detail.workloads.map((work) => (
                <tr key={work.workload}>
                  <th scope="row"><Link href={`/workloads/${work.device}/${work.workload}`}>{work.workload}</Link></th>
                  <td>{work.plannedPlace ? <PlaceTag place={work.plannedPlace} /> : '–'}</td>
                  <td><PlaceTag place={work.place} /></td>
                  <td className="code">{work.model}/{work.modelVersion}{work.modelRefused && <p className="bad wrap">{work.modelRefused}</p>}</td>
                  <td>{work.executionProvider}{work.providerReason && <p className="quiet wrap small">{work.providerReason}</p>}</td>
                  <td className="wrap">{work.reason ?? ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
