import { controllerRows } from './controllerRows.ts';
import { dataRows } from './dataRows.ts';
import { faultRows } from './faultRows.ts';
import { nvmRows } from './nvmRows.ts';
import { queueRows } from './queueRows.ts';
import { type Placed, placedKinds, type Row } from './rows.ts';
import { zoneRows } from './zoneRows.ts';

/** A row for every public method. */
export function table(placed: Placed): Record<string, Row> {
  const kinds = placedKinds(placed);
  const parts = [controllerRows, faultRows, nvmRows, queueRows, dataRows, zoneRows].map((rows) => rows(placed, kinds));
  return Object.assign({}, ...parts) as Record<string, Row>;
}
