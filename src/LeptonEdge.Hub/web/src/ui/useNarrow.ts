import { useSyncExternalStore } from 'react';

const narrow = matchMedia('(max-width: 60rem)');

/** A phone or a narrow window: tables show fewer columns. */
export const useNarrow = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      narrow.addEventListener('change', listener);
      return () => narrow.removeEventListener('change', listener);
    },
    () => narrow.matches,
  );
