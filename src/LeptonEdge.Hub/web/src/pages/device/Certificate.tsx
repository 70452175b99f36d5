import { useTranslation } from 'react-i18next';
import type { DeviceDetail } from '../../api/types';
import { time } from '../../ui/format';
import { Facts, Panel, Tag } from '../../ui/parts';

const DAY_MICROS = 86_400e6;
const SOON_DAYS = 30;

/** What the device proves itself with, how long it still holds, and how to renew it. */
export function Certificate({ detail: { summary } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const { certificate } = summary;
  const days = certificate ? Math.floor((certificate.expiresMicros - Date.now() * 1000) / DAY_MICROS) : null;
  const left =
    days === null ? null : (
      <Tag tone={days < 0 ? 'bad' : days < SOON_DAYS ? 'warn' : 'good'}>
        {days < 0 ? t('device.expired') : t('device.daysLeft', { count: days })}
      </Tag>
    );
  return (
    <Panel title={t('device.certificate')} end={left}>
      {certificate && (
        <Facts
          rows={[
            [t('device.serial'), <span className="code">{certificate.serial}</span>],
            [t('device.validFrom'), time(certificate.issuedMicros, true)],
            [t('device.validUntil'), time(certificate.expiresMicros, true)],
          ]}
        />
      )}
      <p className="quiet small">{t('device.certificateHint')}</p>
      <pre className="code block">lepton hub issue {summary.device} --data DATA --tenant TENANT --out FOLDER</pre>
    </Panel>
  );
}
