export const TONE = { done: 'good', refused: 'warn', failed: 'bad' } as const;
