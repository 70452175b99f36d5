import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from './parts';

interface Props {
  children: ReactNode;
}

/**
 * Keeps a page that failed from taking the rest along.
 * It is tried anew when another page is gone to: give it a key.
 */
export class ErrorBoundary extends Component<Props, { fault: unknown }> {
  override state: { fault: unknown } = { fault: undefined };

  static getDerivedStateFromError(fault: unknown): { fault: unknown } {
    return { fault };
  }

  override render(): ReactNode {
    return this.state.fault === undefined ? this.props.children : <Broken fault={this.state.fault} />;
  }
}

function Broken({ fault }: { fault: unknown }) {
  const { t } = useTranslation();
  // A page's file that is gone: the hub was updated while this window was open.
  const updated = fault instanceof TypeError && /import|module/i.test(fault.message);
  return (
    <div role="alert">
      <Empty
        icon="warning"
        title={t(updated ? 'fault.updated' : 'fault.broken')}
        action={
          <button type="button" className="button primary" onClick={() => location.reload()}>
            {t('fault.reload')}
          </button>
        }
      >
        {t(updated ? 'fault.updatedHint' : 'fault.brokenHint')}
        {!updated && (
          <span className="block code small" lang="en">
            {String(fault)}
          </span>
        )}
      </Empty>
    </div>
  );
}
