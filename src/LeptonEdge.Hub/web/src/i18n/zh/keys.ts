export const keys = {
  keys: {
    title: '键盘',
    palette: '前往任意位置，执行任意操作',
    map: '本列表',
    search: '筛选本页列表',
    next: '下一个字段或链接；按住 Shift 为上一个',
    open: '打开或按下当前焦点项',
    close: '关闭对话框或菜单',
    arrows: '在菜单、地图和平面图中移动',
    single: '不需 Ctrl 的按键：g、/ 和 ?',
    singleHint: '若容易误触（例如语音输入），请关闭。',
    off: '不需 Ctrl 的按键已在“设置”中关闭。',
  },
  palette: {
    title: '前往',
    label: '页面、设备、站点、工作负载或操作',
    found: '找到的内容',
    none: '没有这样的名称。请输入其中一部分。',
    groups: {
      pages: '页面',
      actions: '操作',
      devices: '设备',
      sites: '站点',
      workloads: '工作负载',
      alarms: '活动告警',
    },
  },
};
