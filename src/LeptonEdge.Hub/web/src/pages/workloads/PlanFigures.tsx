import { useTranslation } from 'react-i18next';
import { useControls, useCurrency, useHub, usePlan } from '../../api/queries';
import { ago, count, money, percent } from '../../ui/format';
import { Stat } from '../../ui/parts';

/** What the plan in force is worth. */
export function PlanFigures() {
  const { t } = useTranslation();
  const [plan, controls, hub, currency] = [usePlan(), useControls(), useHub(), useCurrency()];
  return (
    <div className="stats">
      <Stat
        label={t('work.plan')}
        value={count(plan.data?.version ?? 0)}
        note={plan.data ? ago(plan.data.madeMicros) : ''}
      />
      <Stat
        label={t('work.cost')}
        value={money(plan.data?.costPerHour ?? 0, currency)}
        unit={t('overview.perHour')}
        note={t('work.bound', { bound: money(plan.data?.boundPerHour ?? 0, currency) })}
      />
      <Stat
        label={t('work.gap')}
        value={plan.data?.gap == null ? '–' : percent(plan.data.gap, 2)}
        note={t('work.gapHint')}
      />
      <Stat
        label={t('work.pins')}
        value={count(controls.data?.pins.length ?? 0)}
        note={t('work.drained', { count: controls.data?.drained.length ?? 0 })}
      />
      <Stat label={t('overview.moves')} value={count(hub.data?.plan.moves ?? 0)} />
    </div>
  );
}
