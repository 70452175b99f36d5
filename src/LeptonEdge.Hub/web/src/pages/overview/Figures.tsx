import { useTranslation } from 'react-i18next';
import { useHub } from '../../api/queries';
import type { Hub } from '../../api/types';
import { bytes, count, money, number, percent } from '../../ui/format';
import { Answer, Stat } from '../../ui/parts';

const WAITING = 1000;
const LATE = 0.99;

/** The state of everything in a row of figures. */
export function Figures() {
  const hub = useHub();
  return (
    <Answer query={hub} lines={3}>
      {(now) => <Row hub={now} />}
    </Answer>
  );
}

function Row({ hub }: { hub: Hub }) {
  const { t } = useTranslation();
  const { devices, alarms, rates, deadlines, plan, backlog } = hub;
  const share = deadlines.share;
  const offline = devices.total - devices.online;
  return (
    <div className="stats">
      <Stat
        label={t('overview.devices')}
        href="/fleet"
        value={count(devices.online)}
        unit={`/ ${count(devices.total)}`}
        tone={offline > 0 ? 'bad' : undefined}
        note={t('overview.share', { online: count(devices.online), offline: count(offline) })}
      />
      <Stat
        label={t('overview.alarms')}
        href="/alarms"
        value={count(alarms.active)}
        tone={alarms.critical > 0 ? 'bad' : alarms.warning > 0 ? 'warn' : undefined}
        note={t('overview.alarmsNote', { critical: count(alarms.critical), open: count(alarms.unacknowledged) })}
      />
      <Stat label={t('overview.readings')} value={number(rates.readingsPerSecond)} unit={t('overview.perSecond')} />
      <Stat
        label={t('overview.inferences')}
        href="/workloads"
        value={number(rates.inferencesPerSecond)}
        unit={t('overview.perSecond')}
      />
      <Stat
        label={t('overview.deadline')}
        href="/workloads"
        value={share === null ? '–' : percent(share, 2)}
        tone={share !== null && share < LATE ? 'warn' : undefined}
        note={share === null ? t('overview.noAnswers') : t('overview.late', { share: percent(1 - share, 2) })}
      />
      {plan.costPerHour !== null && (
        <Stat
          label={t('overview.cost')}
          href="/usage"
          value={money(plan.costPerHour, hub.currency)}
          unit={t('overview.perHour')}
          note={plan.gap === null ? t('overview.planUnknown') : t('overview.gap', { gap: percent(plan.gap) })}
        />
      )}
      <Stat
        label={t('overview.backlog')}
        value={number(backlog.records)}
        unit={t('overview.records')}
        tone={backlog.records > WAITING * Math.max(devices.total, 1) ? 'warn' : undefined}
        note={bytes(backlog.bytes)}
      />
    </div>
  );
}
