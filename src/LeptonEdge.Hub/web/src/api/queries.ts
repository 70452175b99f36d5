import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, getAll } from './client';
import type { Alarm, Device, Plan, PlanControls, PlanDevice, Site, Summary, Workload } from './types';

// What several pages read. Each is asked for again while it is on screen, and only then.
const SECOND = 1000;

export const useSummary = () => useQuery({
  queryKey: ['summary'], queryFn: ({ signal }) => get<Summary>('/summary', {}, signal),
  refetchInterval: 2 * SECOND, placeholderData: keepPreviousData,
});

export const useDevices = () => useQuery({
  queryKey: ['devices'], queryFn: ({ signal }) => getAll<Device>('/devices', {}, signal),
  // A device that went silent shall be seen within 5 s; a large fleet takes longer to read than that would leave.
  refetchInterval: ({ state }) => ((state.data?.length ?? 0) > 1000 ? 5 : 1) * SECOND, placeholderData: keepPreviousData,
});

export const useActiveAlarms = () => useQuery({
  queryKey: ['alarms', 'active'], queryFn: ({ signal }) => getAll<Alarm>('/alarms', { state: 'active' }, signal),
  refetchInterval: 2 * SECOND, placeholderData: keepPreviousData,
});

export const useAlarmCount = (): number => useActiveAlarms().data?.length ?? 0;

export const useWorkloads = () => useQuery({
  queryKey: ['workloads'], queryFn: ({ signal }) => getAll<Workload>('/workloads', {}, signal),
  refetchInterval: 2 * SECOND, placeholderData: keepPreviousData,
});

export const usePlan = () => useQuery({
  queryKey: ['plan'], queryFn: ({ signal }) => get<Plan>('/plan', {}, signal), refetchInterval: 2 * SECOND,
  placeholderData: keepPreviousData,
});

export const usePlanDevices = () => useQuery({
  queryKey: ['plan', 'devices'],
  queryFn: async ({ signal }) => {
    const answer = await get<{ items?: PlanDevice[]; devices?: PlanDevice[] }>('/plan/devices', {}, signal);
    return answer.items ?? answer.devices ?? [];
  },
  refetchInterval: 1500, placeholderData: keepPreviousData,
});

export const useControls = () => useQuery({
  queryKey: ['plan', 'controls'], queryFn: ({ signal }) => get<PlanControls>('/plan/controls', {}, signal),
  refetchInterval: 3000, placeholderData: keepPreviousData,
});

export const useSites = () => useQuery({
  queryKey: ['sites'], queryFn: ({ signal }) => getAll<Site>('/sites', {}, signal), refetchInterval: 3000,
  placeholderData: keepPreviousData,
});

/** Of every cost; empty where nothing has a price. */
export const useCurrency = (): string => useQuery({
  queryKey: ['prices'], queryFn: ({ signal }) => get<{ currency: string }>('/prices', {}, signal), staleTime: Infinity,
}).data?.currency ?? '';
