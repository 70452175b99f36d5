import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { DeviceDetail } from '../../api/types';
import { bytes, count, number, percent, time } from '../../ui/format';
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
            <thead>
              <tr>
                <th>{t('device.channel')}</th>
                <th>{t('device.source')}</th>
                <th>{t('device.unit')}</th>
                <th>{t('device.upload')}</th>
                <th className="n">{t('device.rate')}</th>
                <th className="n">{t('device.readings')}</th>
                <th className="n">{t('device.invalid')}</th>
              </tr>
            </thead>
            <tbody>
              {detail.channels.map((channel) => (
                <tr key={channel.channel}>
                  <th scope="row" className="code">
                    {channel.channel}
                  </th>
                  <td>
                    {channel.source} {channel.simulated && <Tag tone="warn">{t('state.simulated')}</Tag>}
                  </td>
                  <td>{channel.unit}</td>
                  <td>{channel.upload}</td>
                  <td className="n">
                    {number(channel.readingsPerSecond)}
                    {t('overview.perSecond')}
                  </td>
                  <td className="n">{count(channel.readings)}</td>
                  <td className="n">{count(channel.invalid)}</td>
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
          <dt>{t('fleet.device')}</dt>
          <dd className="code">{summary.device}</dd>
          <dt>{t('device.site')}</dt>
          <dd>{summary.site}</dd>
          <dt>{t('device.board')}</dt>
          <dd>{summary.board}</dd>
          <dt>{t('device.agent')}</dt>
          <dd className="code">{summary.agentVersion}</dd>
          <dt>{t('device.started')}</dt>
          <dd>{time(summary.startedMicros)}</dd>
          <dt>{t('device.seen')}</dt>
          <dd>{time(summary.lastSeenMicros)}</dd>
        </dl>
      </Panel>
      <Health detail={detail} />
      <Inventory detail={detail} />
      <Panel title={t('device.certificate')}>
        <p>{t('device.certificateHint')}</p>
        <pre className="code block">lepton hub issue {summary.device} --data DATA --tenant TENANT --out FOLDER</pre>
      </Panel>
      <Desired detail={detail} />
    </div>
  );
}

function Health({ detail: { health, summary } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const tone = health.status === 'good' ? 'good' : health.status === 'warning' ? 'warn' : 'bad';
  return (
    <Panel
      title={t('device.health')}
      end={<Tag tone={tone}>{t(`device.status.${health.status as 'good'}`, { defaultValue: health.status })}</Tag>}
    >
      {health.findings.length === 0 ? (
        <p className="quiet">{t('device.wellNow')}</p>
      ) : (
        <ul className="list">
          {health.findings.map((finding) => (
            <li key={finding} className="wrap">
              {finding}
            </li>
          ))}
        </ul>
      )}
      <dl className="facts">
        {health.speedShare > 0 && (
          <>
            <dt>{t('device.heat')}</dt>
            <dd>{percent(health.speedShare, 0)}</dd>
          </>
        )}
        {health.batteryJoules !== null && (
          <>
            <dt>{t('device.battery')}</dt>
            <dd>{number(health.batteryJoules / 3600)} Wh</dd>
          </>
        )}
        {summary.tags.length > 0 && (
          <>
            <dt>{t('fleet.tags')}</dt>
            <dd className="row">
              {summary.tags.map((tag) => (
                <Tag key={tag}>{tag}</Tag>
              ))}
            </dd>
          </>
        )}
        {summary.note && (
          <>
            <dt>{t('device.note')}</dt>
            <dd>{summary.note}</dd>
          </>
        )}
      </dl>
    </Panel>
  );
}

function Inventory({ detail: { inventory } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('device.inventory')}>
      <dl className="facts">
        <dt>{t('device.cores')}</dt>
        <dd>{inventory.cores}</dd>
        <dt>{t('device.link')}</dt>
        <dd>
          {inventory.linkBytesPerSecond > 0
            ? `${bytes(inventory.linkBytesPerSecond)}${t('overview.perSecond')}`
            : t('state.unknown')}
        </dd>
        <dt>{t('device.peer')}</dt>
        <dd className="code">{inventory.peerAddress || t('state.none')}</dd>
        <dt>{t('device.peerModels')}</dt>
        <dd className="code">{inventory.peerModels.join(', ') || t('state.none')}</dd>
        <dt>{t('device.storedHere')}</dt>
        <dd>
          {t('device.batches', {
            batches: count(inventory.storedBatches),
            records: count(inventory.storedRecords),
            bytes: bytes(inventory.storedBytes),
          })}
        </dd>
        <dt>{t('device.first')}</dt>
        <dd>{inventory.firstSeenMicros ? time(inventory.firstSeenMicros) : t('state.never')}</dd>
      </dl>
    </Panel>
  );
}

/** What the hub wants beside what the device says that it does. */
function Desired({ detail }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const { desired, summary } = detail;
  const wantedOf = (workload: string) => desired.workloads.find((known) => known.workload === workload);
  return (
    <Panel
      title={t('device.desired')}
      className="span"
      flush
      end={
        <Tag tone={desired.takenUp ? 'good' : 'warn'}>
          {t(desired.takenUp ? 'device.takenUp' : 'device.behind', {
            own: summary.desiredVersion,
            hub: desired.version,
          })}
        </Tag>
      }
    >
      {detail.workloads.length === 0 ? (
        <Empty title={t('device.noWorkloads')}>{t('device.noWorkloadsHint')}</Empty>
      ) : (
        <div className="table-scroll" tabIndex={0} role="group" aria-label={t('device.desired')}>
          <table className="plain">
            <thead>
              <tr>
                <th>{t('work.workload')}</th>
                <th>{t('device.wanted')}</th>
                <th>{t('device.runs')}</th>
                <th>{t('work.model')}</th>
                <th>{t('device.provider')}</th>
                <th>{t('work.why')}</th>
              </tr>
            </thead>
            <tbody>
              {detail.workloads.map((work) => (
                <tr key={work.workload}>
                  <th scope="row">
                    <Link href={`/workloads/${work.device}/${work.workload}`}>{work.workload}</Link>
                  </th>
                  <td>
                    {wantedOf(work.workload) ? <PlaceTag place={wantedOf(work.workload)!.place} /> : '–'}{' '}
                    {wantedOf(work.workload)?.model && (
                      <span className="code small">{wantedOf(work.workload)!.model}</span>
                    )}
                  </td>
                  <td>
                    <PlaceTag place={work.place} />
                  </td>
                  <td className="code">
                    {work.model}/{work.modelVersion}
                    {work.modelRefused && <p className="bad wrap">{work.modelRefused}</p>}
                  </td>
                  <td>
                    {work.executionProvider}
                    {work.providerReason && <p className="quiet wrap small">{work.providerReason}</p>}
                  </td>
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
