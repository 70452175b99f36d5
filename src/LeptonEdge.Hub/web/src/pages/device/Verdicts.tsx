import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { DeviceDetail } from '../../api/types';
import { count, number, percent, seconds } from '../../ui/format';
import { Panel, PlaceTag } from '../../ui/parts';

/** Who answered the windows of each workload, and how soon. */
export function Verdicts({ detail }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('device.verdicts')} flush>
      <div className="table-scroll" tabIndex={0} role="group" aria-label={t('device.verdicts')}>
        <table className="plain">
          <thead>
            <tr>
              <th>{t('work.workload')}</th>
              <th>{t('work.place')}</th>
              <th className="n">{t('work.rate')}</th>
              <th className="n">{t('place.local')}</th>
              <th className="n">{t('place.hub')}</th>
              <th className="n">{t('place.peer')}</th>
              <th className="n">{t('work.late')}</th>
              <th className="n">{t('work.p99')}</th>
            </tr>
          </thead>
          <tbody>
            {detail.workloads.map((work) => {
              const answers = work.inferencesLocal + work.inferencesHub + work.inferencesPeer;
              return (
                <tr key={work.workload}>
                  <th scope="row">
                    <Link href={`/workloads/${work.device}/${work.workload}`}>{work.workload}</Link>
                  </th>
                  <td>
                    <PlaceTag place={work.recipe === 'whole' ? work.place : work.recipe} />
                  </td>
                  <td className="n">
                    {number(work.inferencesPerSecond)}
                    {t('overview.perSecond')}
                  </td>
                  <td className="n">{count(work.inferencesLocal)}</td>
                  <td className="n">{count(work.inferencesHub)}</td>
                  <td className="n">{count(work.inferencesPeer)}</td>
                  <td className={`n ${work.late > 0 ? 'warn' : ''}`}>
                    {answers > 0 ? percent(work.late / answers, 2) : '–'}
                  </td>
                  <td className="n">
                    {seconds(work.place === 'local' ? work.localP99Seconds : work.hubP99Seconds)} /{' '}
                    {seconds(work.deadlineSeconds)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
