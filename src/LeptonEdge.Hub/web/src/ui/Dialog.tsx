import { useState, type FormEvent, type ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';

/** A dialog with a form in it. It closes when the work is done, and stays with the reason when that fails. */
export function FormDialog({
  title,
  submit,
  danger,
  wide,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  submit: string;
  danger?: boolean;
  wide?: boolean;
  onSubmit: (form: FormData) => Promise<unknown>;
  onClose: () => void;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const [fault, setFault] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const act = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setBusy(true);
    setFault(undefined);
    try {
      await onSubmit(new FormData(event.currentTarget));
      onClose();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isDismissable
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={`modal ${wide ? 'wide' : ''}`}>
        <Dialog className="dialog">
          <Heading slot="title">{title}</Heading>
          <form className="form" onSubmit={(event) => void act(event)}>
            {children}
            {fault !== undefined && <Wrong error={fault} />}
            <div className="row end">
              <button type="button" className="button" onClick={onClose}>
                {t('act.cancel')}
              </button>
              <button type="submit" className={`button ${danger ? 'danger' : 'primary'}`} disabled={busy}>
                {submit}
              </button>
            </div>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** What is wrong with an entry, field by field where the hub says so. */
export function Wrong({ error }: { error: unknown }) {
  const fields = error instanceof ApiError ? Object.entries(error.problem.errors ?? {}) : [];
  return (
    <div className="strip" role="alert">
      <div>
        {fields.length > 0
          ? fields.map(([field, faults]) => (
              <p key={field}>
                <b>{field}</b>: {faults.join(' ')}
              </p>
            ))
          : error instanceof Error
            ? error.message
            : String(error)}
      </div>
    </div>
  );
}
