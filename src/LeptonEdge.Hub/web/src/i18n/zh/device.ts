export const device = {
  chart: {
    low: '最低', high: '最高', mean: '平均',
    words: '{{channel}}：{{count}} 个点，最低 {{low}}，最高 {{high}} {{unit}}', nothing: '{{channel}}：此范围内没有读数',
    stale: '正在连接', newest: '最新值', range: '范围', back: '更早', forth: '更晚', nearer: '放大', wider: '缩小',
    follow: '回到实时', drag: '在图表上拖动即可放大。',
    span: { s60: '1 分钟', s300: '5 分钟', s3600: '1 小时', s86400: '1 天', s604800: '1 周', s2592000: '1 个月', s31536000: '1 年' },
  },
  device: {
    live: '实时', work: '工作与通道', alarms: '告警', about: '关于', unknown: '没有这样的设备上报过', channels: '通道',
    channel: '通道', source: '来源', unit: '单位', upload: '上传', rate: '速率', readings: '读数', invalid: '无效',
    noReadings: '中枢尚无此设备的读数', noReadingsHint: '第一批数据存储后即会显示；告警和判定可能更早出现。',
    verdicts: '判定', agentMemory: '代理内存', rtt: '到中枢的往返', shed: '已丢弃 {{count}} 条', uptime: '已运行', identity: '身份',
    site: '站点', board: '板卡', agent: '代理', started: '运行开始于', seen: '最近上报', certificate: '证书',
    certificateHint: '设备用此中枢颁发机构的证书证明身份。如需另行签发，请在中枢所在机器上运行：',
    desired: '期望与上报对比', planVersion: '计划 {{own}} / {{hub}}', noWorkloads: '此处没有运行工作负载', noWorkloadsHint: '请将其添加到代理的配置文件中。',
    wanted: '期望', runs: '上报', provider: '执行提供方', actions: '操作', drainedNow: '正在排空 {{device}}', undrained: '{{device}} 已恢复使用',
    drill: '演练过载…', drillStart: '开始', drillHint: '真实推理会占用设备的推理通道，以观察计划如何应对。',
    drillShare: '通道占用比例（%）', drillSeconds: '秒数；0 结束正在进行的演练', temperature: '温度', storage: '存储', stored: '存储于 {{time}}',
  },
  sites: {
    none: '还没有站点有设备', noneHint: '设备在代理配置中写明其站点；首次上报后会显示在这里。', all: '全部站点',
    map: '世界地图', view: '地图视野', west: '西', east: '东', north: '北', south: '南', place: '位置', setPlace: '设置位置',
    noPlace: '不在地图上', floorPlan: '平面图', hasPlan: '有', latitude: '纬度', longitude: '经度', placeHint: '在地图上点击，或填写以度为单位的坐标。',
    unknown: '没有这样的站点', upload: '上传平面图', replace: '更换平面图', noPlan: '还没有平面图',
    noPlanHint: '上传不超过 8 MiB 的 PNG、JPEG 或 WebP 图片，然后在上面放置设备。', devices: '此处设备', placed: '已放置', move: '放置',
    moving: '点击 {{device}} 所在之处，或用方向键移动。按 Esc 结束。', moveHint: '点击设备旁的“放置”将其放到平面图上。', planOf: '{{site}} 的平面图',
  },
};
