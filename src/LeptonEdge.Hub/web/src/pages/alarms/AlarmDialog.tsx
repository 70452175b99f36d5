import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { send } from '../../api/client';
import type { Alarm } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { number, time } from '../../ui/format';
import { SeverityTag } from '../../ui/parts';
import { AlarmState } from './AlarmTable';

/** One alarm: what happened, who knows of it, and what they said. */
export function AlarmDialog({ alarm, onClose }: { alarm: Alarm; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  return (
    <FormDialog
      title={`${alarm.device}: ${alarm.rule}`} submit={t('alarms.acknowledge')} onClose={onClose}
      onSubmit={async (form) => {
        await send('POST', `/alarms/${alarm.id}/acknowledge`, { comment: form.get('comment') || null });
        await queries.invalidateQueries({ queryKey: ['alarms'] });
      }}
    >
      <dl className="facts">
        <dt>{t('alarms.severity')}</dt><dd><SeverityTag severity={alarm.severity} /></dd>
        <dt>{t('alarms.state')}</dt><dd><AlarmState alarm={alarm} /></dd>
        <dt>{t('alarms.time')}</dt><dd>{time(alarm.timeMicros)}</dd>
        <dt>{t('device.channel')}</dt><dd><Link className="code" href={`/devices/${alarm.device}?channel=${encodeURIComponent(alarm.channel)}`}>{alarm.channel}</Link></dd>
        <dt>{t('alarms.value')}</dt><dd>{alarm.value === null ? '–' : number(alarm.value, 5)}</dd>
        <dt>{t('alarms.message')}</dt><dd>{alarm.message}</dd>
      </dl>
      <label className="field"><span>{t('alarms.comment')}</span><textarea className="input" name="comment" rows={3} maxLength={1000} /></label>
    </FormDialog>
  );
}
