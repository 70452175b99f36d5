import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { getAll, send } from '../../api/client';
import type { Alarm, AlarmComment } from '../../api/types';
import { useMay, useSession } from '../../app/session';
import { Wrong } from '../../ui/Dialog';
import { ago, number, time } from '../../ui/format';
import { SeverityTag, Words } from '../../ui/parts';
import { say } from '../../ui/Toasts';
import { AlarmState } from './AlarmTable';

/** One alarm: what happened, who knows of it, and what they said. */
export function AlarmDialog({ alarm, onClose }: { alarm: Alarm; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const session = useSession();
  const may = useMay('operator');
  const [text, setText] = useState('');
  const [fault, setFault] = useState<unknown>();
  const act = async (work: () => Promise<unknown>, done?: string) => {
    try {
      setFault(undefined);
      if (text.trim())
        await send(
          'POST',
          `/alarms/${alarm.id}/comments`,
          { text: text.trim() },
          { 'idempotency-key': crypto.randomUUID() },
        );
      await work();
      setText('');
      if (done) {
        say(done);
        onClose();
      }
    } catch (error) {
      setFault(error);
    } finally {
      await queries.invalidateQueries({ queryKey: ['alarms'] });
    }
  };
  const patch = (change: object) => send('PATCH', `/alarms/${alarm.id}`, change);
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className="modal">
        <Dialog className="dialog">
          <Heading slot="title">
            {alarm.device}: {alarm.rule}
          </Heading>
          <Facts alarm={alarm} />
          <Comments alarm={alarm} />
          {may && (
            <label className="field">
              <span>{t('alarms.comment')}</span>
              <textarea
                className="input"
                rows={2}
                maxLength={2000}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            </label>
          )}
          {fault !== undefined && <Wrong error={fault} />}
          <div className="row end">
            <button type="button" className="button" onClick={onClose}>
              {t('app.close')}
            </button>
            {may && (
              <>
                <button
                  type="button"
                  className="button"
                  disabled={!text.trim()}
                  onClick={() => void act(async () => {})}
                >
                  {t('alarms.addComment')}
                </button>
                {alarm.assignee === session.name ? (
                  <button type="button" className="button" onClick={() => void act(() => patch({ assignee: '' }))}>
                    {t('alarms.giveBack')}
                  </button>
                ) : (
                  <button
                    type="button"
                    className="button"
                    onClick={() => void act(() => patch({ assignee: session.name }))}
                  >
                    {t('alarms.take')}
                  </button>
                )}
                {!alarm.acknowledged && (
                  <button
                    type="button"
                    className="button primary"
                    onClick={() =>
                      void act(
                        () => send('POST', `/alarms/${alarm.id}/acknowledge`),
                        t('alarms.done', { rule: alarm.rule, device: alarm.device }),
                      )
                    }
                  >
                    {t('alarms.acknowledge')}
                  </button>
                )}
              </>
            )}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Facts({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  return (
    <dl className="facts">
      <dt>{t('alarms.severity')}</dt>
      <dd>
        <SeverityTag severity={alarm.severity} />
      </dd>
      <dt>{t('alarms.state')}</dt>
      <dd className="row">
        <AlarmState alarm={alarm} />
      </dd>
      <dt>{t('alarms.time')}</dt>
      <dd>
        {time(alarm.raisedMicros)}
        {alarm.raised > 1 && ` · ${t('alarms.times', { count: alarm.raised })}`}
      </dd>
      {alarm.clearedMicros !== null && (
        <>
          <dt>{t('alarms.cleared')}</dt>
          <dd>{time(alarm.clearedMicros)}</dd>
        </>
      )}
      <dt>{t('device.channel')}</dt>
      <dd>
        <Link className="code" href={`/devices/${alarm.device}?channel=${encodeURIComponent(alarm.channel)}`}>
          {alarm.channel}
        </Link>
      </dd>
      <dt>{t('alarms.value')}</dt>
      <dd>{alarm.value === null ? '–' : number(alarm.value, 5)}</dd>
      <dt>{t('alarms.message')}</dt>
      <dd>
        <Words>{alarm.message}</Words>
      </dd>
      {alarm.acknowledgedBy && (
        <>
          <dt>{t('alarms.acknowledged')}</dt>
          <dd>{t('alarms.acknowledgedBy', { who: alarm.acknowledgedBy, when: ago(alarm.acknowledgedMicros ?? 0) })}</dd>
        </>
      )}
      <dt>{t('alarms.assignee')}</dt>
      <dd>{alarm.assignee ?? t('state.none')}</dd>
    </dl>
  );
}

function Comments({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  const comments = useQuery({
    queryKey: ['alarms', 'comments', alarm.id, alarm.comments],
    enabled: alarm.comments > 0,
    queryFn: ({ signal }) => getAll<AlarmComment>(`/alarms/${alarm.id}/comments`, {}, signal),
  });
  if (!comments.data?.length) return null;
  return (
    <section aria-label={t('alarms.comments')}>
      <h3>{t('alarms.comments')}</h3>
      <ul className="list">
        {comments.data.map((comment) => (
          <li key={comment.id}>
            <strong>{comment.author}</strong>
            <span className="grow wrap">{comment.text}</span>
            <span className="when">{ago(comment.timeMicros)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
