import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { DeviceDetail } from '../../api/types';
import { Empty, Panel, PlaceTag, Tag, Words } from '../../ui/parts';

/** What the hub wants beside what the device says that it does. */
export function Desired({ detail }: { detail: DeviceDetail }) {
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
                    {work.modelRefused && (
                      <p className="bad wrap">
                        <Words>{work.modelRefused}</Words>
                      </p>
                    )}
                  </td>
                  <td>
                    {work.executionProvider}
                    {work.providerReason && (
                      <p className="quiet wrap small">
                        <Words>{work.providerReason}</Words>
                      </p>
                    )}
                  </td>
                  <td className="wrap">
                    <Words>{work.reason ?? ''}</Words>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
