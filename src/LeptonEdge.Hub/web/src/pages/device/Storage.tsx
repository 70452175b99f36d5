import { useTranslation } from 'react-i18next';
import type { DeviceSummary } from '../../api/types';
import { bytes, percent } from '../../ui/format';
import { Facts, Meter, Panel } from '../../ui/parts';

/** The disk of a device, and what its outbox takes of what it may. */
export function Storage({ storage }: { storage: NonNullable<DeviceSummary['storage']> }) {
  const { t } = useTranslation();
  const used = storage.bytes > 0 ? 1 - storage.freeBytes / storage.bytes : 0;
  const filled = storage.outboxLimitBytes > 0 ? storage.outboxBytes / storage.outboxLimitBytes : 0;
  return (
    <Panel title={t('device.storage')}>
      <Facts
        rows={[
          [t('device.disk'), <Meter share={used} label={percent(used, 0)} />],
          ['', t('device.freeOf', { free: bytes(storage.freeBytes), all: bytes(storage.bytes) })],
          [t('device.outbox'), <Meter share={filled} label={percent(filled)} />],
          ['', t('device.outboxOf', { used: bytes(storage.outboxBytes), limit: bytes(storage.outboxLimitBytes) })],
        ]}
      />
    </Panel>
  );
}
