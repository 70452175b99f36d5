import { useTranslation } from 'react-i18next';
import type { DeviceDetail } from '../../api/types';
import { count, number } from '../../ui/format';
import { Panel, Tag, Words } from '../../ui/parts';
import { Verdicts } from './Verdicts';

export default function WorkTable({ detail }: { detail: DeviceDetail }) {
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
                    <Words>{channel.source}</Words> {channel.simulated && <Tag tone="warn">{t('state.simulated')}</Tag>}
                  </td>
                  <td>{channel.unit}</td>
                  <td>
                    <Words>{channel.upload}</Words>
                  </td>
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
