import { useTranslation } from 'react-i18next';
import type { DeviceDetail } from '../../api/types';
import { bytes, count, number, percent, time } from '../../ui/format';
import { Facts, Panel, Tag, Words } from '../../ui/parts';
import { Certificate } from './Certificate';
import { Desired } from './Desired';
import { Storage } from './Storage';

export default function About({ detail }: { detail: DeviceDetail }) {
  return (
    <div className="grid two">
      <Identity detail={detail} />
      <Health detail={detail} />
      <Inventory detail={detail} />
      <div className="stack">
        {detail.summary.storage && <Storage storage={detail.summary.storage} />}
        <Certificate detail={detail} />
      </div>
      <Desired detail={detail} />
    </div>
  );
}

function Identity({ detail: { summary } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('device.identity')}>
      <Facts
        rows={[
          [t('fleet.device'), <span className="code">{summary.device}</span>],
          [t('device.site'), summary.site],
          [t('device.board'), summary.board],
          [t('device.agent'), <span className="code">{summary.agentVersion}</span>],
          [t('device.started'), time(summary.startedMicros)],
          [t('device.seen'), time(summary.lastSeenMicros)],
          summary.tags.length > 0 && [
            t('fleet.tags'),
            <span className="row">
              {summary.tags.map((tag) => (
                <Tag key={tag}>{tag}</Tag>
              ))}
            </span>,
          ],
          summary.note && [t('device.note'), summary.note],
        ]}
      />
    </Panel>
  );
}

function Health({ detail: { health, summary } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const tone = health.status === 'good' ? 'good' : health.status === 'warning' ? 'warn' : 'bad';
  const status = t(`device.status.${health.status as 'good'}`, { defaultValue: health.status });
  return (
    <Panel title={t('device.health')} end={<Tag tone={tone}>{status}</Tag>}>
      {health.findings.length === 0 ? (
        <p className="quiet">{t('device.wellNow')}</p>
      ) : (
        <ul className="list">
          {health.findings.map((finding) => (
            <li key={finding} className="wrap">
              <Words>{finding}</Words>
            </li>
          ))}
        </ul>
      )}
      <Facts
        rows={[
          summary.temperatureCelsius !== null && [t('device.temperature'), `${number(summary.temperatureCelsius)} °C`],
          health.speedShare > 0 && [t('device.heat'), percent(health.speedShare, 0)],
          health.batteryJoules !== null && [t('device.battery'), `${number(health.batteryJoules / 3600)} Wh`],
        ]}
      />
    </Panel>
  );
}

function Inventory({ detail: { inventory } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const link = inventory.linkBytesPerSecond;
  return (
    <Panel title={t('device.inventory')}>
      <Facts
        rows={[
          inventory.processor && [t('device.processor'), <Words>{inventory.processor}</Words>],
          [t('device.cores'), inventory.cores],
          inventory.architecture && [t('device.architecture'), <span className="code">{inventory.architecture}</span>],
          inventory.osName && [t('device.os'), <Words>{inventory.osName}</Words>],
          inventory.kernel && [t('device.kernel'), <span className="code">{inventory.kernel}</span>],
          link > 0 && [t('device.link'), `${bytes(link)}${t('overview.perSecond')}`],
          inventory.peerAddress && [t('device.peer'), <span className="code">{inventory.peerAddress}</span>],
          inventory.peerModels.length > 0 && [
            t('device.peerModels'),
            <span className="code">{inventory.peerModels.join(', ')}</span>,
          ],
          [
            t('device.storedHere'),
            t('device.batches', {
              batches: count(inventory.storedBatches),
              records: count(inventory.storedRecords),
              bytes: bytes(inventory.storedBytes),
            }),
          ],
          [t('device.first'), inventory.firstSeenMicros ? time(inventory.firstSeenMicros) : t('state.never')],
        ]}
      />
    </Panel>
  );
}
