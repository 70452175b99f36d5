export const device = {
  device: {
    live: '实时', channels: '通道', workloads: '工作负载', alarms: '告警', about: '关于', state: '状态',
    board: '板卡', agent: '代理', site: '站点', started: '运行开始于', seen: '最近上报', cpu: 'CPU 负载',
  },
};
