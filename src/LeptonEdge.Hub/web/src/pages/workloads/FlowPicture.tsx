import { useTranslation } from 'react-i18next';
import { useDevices } from '../../api/queries';
import type { Move, Workload } from '../../api/types';
import { Empty } from '../../ui/parts';
import { SitePicture } from './SitePicture';
import { WorkPicture } from './WorkPicture';

// More than these are drawn as counts: a picture is of use only while it can be taken in.
const EACH_MAX = 12;

/**
 * Edge on the left, hub on the right, and the work where it is answered. A few workloads are drawn one by one, many
 * site by site.
 */
export function FlowPicture({ workloads, moves }: { workloads: Workload[]; moves: Move[] }) {
  const { t } = useTranslation();
  const devices = useDevices().data;
  if (workloads.length === 0)
    return (
      <Empty icon="workloads" title={t('work.none')}>
        {t('work.noneHint')}
      </Empty>
    );
  if (workloads.length <= EACH_MAX) return <WorkPicture workloads={workloads} moves={moves} />;
  return <SitePicture workloads={workloads} moves={moves} devices={devices ?? []} />;
}
