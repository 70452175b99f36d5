import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import type { AuditEntry } from '../../api/types';
import { time } from '../../ui/format';
import { Tag } from '../../ui/parts';
import { differences } from './difference';
import { TONE } from './tone';

/** One entry: who asked for what, and what it was before and is after. */
export function EntryDialog({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const { t } = useTranslation();
  const rows = differences(entry.before, entry.after);
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className="modal wide">
        <Dialog className="dialog">
          <Heading slot="title">{t('audit.entry', { number: entry.sequence })}</Heading>
          <dl className="facts">
            <dt>{t('alarms.time')}</dt>
            <dd>{time(entry.timeMicros)}</dd>
            <dt>{t('audit.actor')}</dt>
            <dd>
              {entry.actor} <Tag>{t(`audit.kinds.${entry.kind as 'session'}`, { defaultValue: entry.kind })}</Tag>
            </dd>
            <dt>{t('audit.action')}</dt>
            <dd className="code">{entry.action}</dd>
            <dt>{t('audit.target')}</dt>
            <dd className="code">{entry.target}</dd>
            <dt>{t('audit.outcome')}</dt>
            <dd>
              <Tag tone={TONE[entry.outcome]}>{t(`audit.outcomes.${entry.outcome}`)}</Tag>
            </dd>
          </dl>
          {rows.length === 0 ? (
            <p className="quiet">{t('audit.noChange')}</p>
          ) : (
            <div className="table-scroll" tabIndex={0} role="group" aria-label={t('audit.change')}>
              <table className="plain difference">
                <thead>
                  <tr>
                    <th>{t('audit.field')}</th>
                    <th>{t('audit.before')}</th>
                    <th>{t('audit.after')}</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.field}>
                      <th scope="row" className="code">
                        {row.field}
                      </th>
                      <td className="code">{row.before === null ? '–' : <del>{row.before}</del>}</td>
                      <td className="code">{row.after === null ? '–' : <ins>{row.after}</ins>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <div className="row end">
            <button type="button" className="button" onClick={onClose}>
              {t('app.close')}
            </button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
