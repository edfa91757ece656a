/** Ids the manifest and the code share, besides commands (`commands.ts`) and settings (`settings.ts`). */
export const View = { queues: 'doorbell.qpairs', gauge: 'doorbell.gauge' } as const;

/** Custom editors, by their `viewType`. */
export const CustomEditor = { trace: 'doorbell.trace' } as const;

/** The editor tab of the Doctor. */
export const DoctorPage = 'doorbell.doctorPage';

export const TestControllerId = 'doorbell';

export const CmdlogScheme = 'doorbell-cmdlog';
export const CmdlogLanguage = 'doorbell-cmdlog';

/** `contextValue` of a controller row; the power menus match it. */
export const ControllerRow = 'controller';
