import { useTranslation } from 'react-i18next';
import { ApiError, send } from '../../api/client';
import type { Rule } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { Words } from '../../ui/parts';
import { say } from '../../ui/Toasts';

const SEVERITIES = ['info', 'warning', 'critical'] as const;
const IN_A_ROW_MAX = 10_000;

/** Changes a rule, unless somebody else has changed it since the dialog was opened. */
export function RuleDialog({
  rule,
  tag,
  path,
  onClose,
  onDone,
}: {
  rule: Rule;
  tag: string;
  path: string;
  onClose: () => void;
  onDone: () => Promise<unknown>;
}) {
  const { t } = useTranslation();
  const now = rule.wanted ?? rule;
  const number = (form: FormData, name: string) => Number(form.get(name));
  const submit = async (form: FormData) => {
    const change = {
      raiseAt: number(form, 'raiseAt'),
      clearBelow: number(form, 'clearBelow'),
      raiseAfter: number(form, 'raiseAfter'),
      clearAfter: number(form, 'clearAfter'),
      severity: form.get('severity'),
    };
    try {
      await send('PUT', path, change, { 'if-match': tag });
    } catch (fault) {
      if (fault instanceof ApiError && fault.status === 412) throw new Error(t('rules.changedMeanwhile'));
      throw fault;
    }
    say(t('rules.changed', { rule: rule.rule }));
    await onDone();
  };
  const field = (name: 'raiseAt' | 'clearBelow' | 'raiseAfter' | 'clearAfter', whole: boolean) => (
    <label className="field">
      <span>{t(`rules.${name}`)}</span>
      <input
        className="input"
        name={name}
        type="number"
        required
        step={whole ? 1 : 'any'}
        min={whole ? 1 : undefined}
        max={whole ? IN_A_ROW_MAX : undefined}
        defaultValue={now[name] ?? undefined}
      />
    </label>
  );
  return (
    <FormDialog
      title={t('rules.editTitle', { rule: rule.rule })}
      submit={t('act.save')}
      onClose={onClose}
      onSubmit={submit}
    >
      <p className="quiet">
        <Words>{rule.condition}</Words>
      </p>
      <div className="grid two">
        {field('raiseAt', false)}
        {field('clearBelow', false)}
        {field('raiseAfter', true)}
        {field('clearAfter', true)}
      </div>
      <label className="field">
        <span>{t('alarms.severity')}</span>
        <select className="input" name="severity" defaultValue={now.severity}>
          {SEVERITIES.map((id) => (
            <option key={id} value={id}>
              {t(`severity.${id}`)}
            </option>
          ))}
        </select>
      </label>
      <p className="quiet small">{t('rules.editHint')}</p>
    </FormDialog>
  );
}
