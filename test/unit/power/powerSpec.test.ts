import assert from 'node:assert/strict';
import { parsePower } from '../../../testkit/power/powerSpec.ts';

describe('the words for a power controller', () => {
  const known: [string, object][] = [
    ['emulated', { kind: 'emulated' }],
    [' s3 ', { kind: 's3' }],
    ['slot', { kind: 'slot' }],
    ['slot:5-1', { kind: 'slot', name: '5-1' }],
    ['quarch:tcp://192.0.2.7', { kind: 'quarch', transport: 'tcp', target: '192.0.2.7', tcpPort: 9760 }],
    [
      'quarch:tcp://192.0.2.7:80?port=3',
      { kind: 'quarch', transport: 'tcp', target: '192.0.2.7', tcpPort: 80, port: 3 },
    ],
    ['quarch:rest://[2001:db8::7]', { kind: 'quarch', transport: 'rest', target: '2001:db8::7', tcpPort: 80 }],
    [
      'quarch:qis://lab:9723/QTL1743-02-005?port=24',
      { kind: 'quarch', transport: 'qis', target: 'lab', tcpPort: 9723, device: 'QTL1743-02-005', port: 24 },
    ],
    ['quarch:serial:/dev/ttyUSB0', { kind: 'quarch', transport: 'serial', target: '/dev/ttyUSB0', tcpPort: 0 }],
    ['command:{"off":"a | b","on":"c"}', { kind: 'command', off: 'a | b', on: 'c' }],
    ['command:{"off":"a","on":"b","state":"c"}', { kind: 'command', off: 'a', on: 'b', state: 'c' }],
  ];
  for (const [text, spec] of known) it(`understand ${text}`, () => assert.deepEqual(parsePower(text), spec));

  const wrong: [string, RegExp][] = [
    ['', /there is no power controller ""/],
    ['quark:tcp://h', /there is no power controller "quark"/],
    ['emulated:now', /takes nothing behind it/],
    ['s3:10', /takes nothing behind it/],
    ['slot:../../x', /letters, digits/],
    ['quarch:http://h', /needs tcp:\/\//],
    ['quarch:tcp://', /needs tcp:\/\//],
    ['quarch:tcp://h/module', /only qis takes a module/],
    ['quarch:qis://h', /needs the module/],
    ['quarch:tcp://h?port=0', /1 to 128/],
    ['quarch:tcp://h?port=1e2', /1 to 128/],
    ['quarch:tcp://h?speed=1', /no option "speed"/],
    ['quarch:serial:ttyUSB0', /needs a device file/],
    ['command:relay off', /JSON/],
    ['command:[]', /a JSON object/],
    ['command:{"off":"a"}', /both "off" and "on"/],
    ['command:{"off":"a","on":" "}', /"on" must be a shell command/],
    ['command:{"off":"a","on":"b","of":"c"}', /there is no "of"/],
  ];
  for (const [text, message] of wrong) {
    it(`refuse ${text || 'nothing'}, and list the forms`, () => {
      assert.throws(() => parsePower(text), { name: 'RangeError', message });
      assert.throws(() => parsePower(text), { message: /quarch:serial:<device file>/ });
    });
  }
});
