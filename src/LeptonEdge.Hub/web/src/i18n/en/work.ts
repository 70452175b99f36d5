export const work = {
  alarms: {
    title: 'Alarms',
  },
};
