import { lazy } from 'react';

// Each page is a file of its own, loaded when it is gone to.
const load = {
  overview: () => import('../pages/overview/Overview'),
  fleet: () => import('../pages/fleet/Fleet'),
  device: () => import('../pages/device/Device'),
  sites: () => import('../pages/sites/Sites'),
  site: () => import('../pages/sites/SitePage'),
  alarms: () => import('../pages/alarms/Alarms'),
  workloads: () => import('../pages/workloads/Workloads'),
  workload: () => import('../pages/workloads/WorkloadPage'),
};

export const Overview = lazy(load.overview);
export const Fleet = lazy(load.fleet);
export const Device = lazy(load.device);
export const Sites = lazy(load.sites);
export const SitePage = lazy(load.site);
export const Alarms = lazy(load.alarms);
export const Workloads = lazy(load.workloads);
export const WorkloadPage = lazy(load.workload);
export const Models = lazy(() => import('../pages/models/Models'));
export const Jobs = lazy(() => import('../pages/jobs/Jobs'));
export const Usage = lazy(() => import('../pages/usage/Usage'));
export const Audit = lazy(() => import('../pages/audit/Audit'));
export const Settings = lazy(() => import('../pages/settings/Settings'));
export const SignIn = lazy(() => import('../pages/gate/SignIn'));
export const Welcome = lazy(() => import('../pages/gate/Welcome'));

const FIRST: [RegExp, () => Promise<unknown>][] = [
  [/^\/$/, load.overview],
  [/^\/fleet/, load.fleet],
  [/^\/devices\//, load.device],
  [/^\/sites\//, load.site],
  [/^\/sites/, load.sites],
  [/^\/alarms/, load.alarms],
  [/^\/workloads\//, load.workload],
  [/^\/workloads/, load.workloads],
];

/** Begins to load the page of an address while the session is still being asked for. */
export function preload(path: string): void {
  void FIRST.find(([form]) => form.test(path))?.[1]();
}
