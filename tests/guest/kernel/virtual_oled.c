// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
/*
 * An I2C bus with a 128 x 64 SSD1306 panel behind it, for tests: bus 1, address 0x3c, as on a Raspberry Pi.
 *
 * It keeps what the controller would keep, and lets a test look and break things in /sys/kernel/debug/virtual-oled:
 *
 *   gddram      the picture: 1024 bytes, eight pages of 128 columns, the lowest bit on top
 *   on          whether the panel is lit
 *   contrast    0 to 255
 *   transfers   how many messages it has taken
 *   nack        write 1: nothing answers any more (a loose wire); the panel keeps its picture
 *   power       write 0: the panel is gone; write 1: it is back, dark, with noise for a picture, and must be told all
 *   stuck       write seconds: every transfer hangs so long and then fails, or until 0 is written; only SIGKILL ends it
 */
#include <linux/debugfs.h>
#include <linux/i2c.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/wait.h>

#define BUS 1
#define ADDRESS 0x3c
#define COLUMNS 128
#define PAGES 8
#define IS_DATA 0x40 /* in a message's control byte: what follows is for the picture, not a command */
#define NOISE 0xa5

enum mode { HORIZONTAL, VERTICAL, PAGE_BY_PAGE };

static u8 gddram[PAGES * COLUMNS];
static u8 is_on, contrast;
static u8 mode, column, first_column, last_column, page, first_page, last_page;
static u8 command, arguments[6], arguments_missing; /* a command may be cut anywhere: it goes on with the next message */
static u32 transfers, stuck_s;
static u8 is_nacking, is_powered = 1;

static DEFINE_MUTEX(lock);
static DECLARE_WAIT_QUEUE_HEAD(freed);
static struct dentry *folder;
static struct debugfs_blob_wrapper picture = { .data = gddram, .size = sizeof(gddram) };

/* As after power-on; the values are the data sheet's. */
static void forget(void)
{
	memset(gddram, NOISE, sizeof(gddram));
	is_on = 0;
	contrast = 0x7f;
	mode = PAGE_BY_PAGE;
	column = first_column = page = first_page = 0;
	last_column = COLUMNS - 1;
	last_page = PAGES - 1;
	arguments_missing = 0;
}

static int arguments_of(u8 code)
{
	switch (code) {
	case 0x20: /* addressing mode */
	case 0x81: /* contrast */
	case 0x8d: /* charge pump */
	case 0xa8: /* multiplex ratio */
	case 0xd3: /* display offset */
	case 0xd5: /* clock */
	case 0xd9: /* pre-charge */
	case 0xda: /* COM pins */
	case 0xdb: /* deselect level */
		return 1;
	case 0x21: /* column address */
	case 0x22: /* page address */
	case 0xa3: /* vertical scroll area */
		return 2;
	case 0x29: /* vertical and horizontal scroll */
	case 0x2a:
		return 5;
	case 0x26: /* horizontal scroll */
	case 0x27:
		return 6;
	}
	return 0;
}

static void obey(void)
{
	switch (command) {
	case 0x00 ... 0x0f:
		column = (column & 0xf0) | (command & 0x0f);
		break;
	case 0x10 ... 0x17:
		column = (column & 0x0f) | (command & 0x07) << 4;
		break;
	case 0x20:
		mode = arguments[0] & 3;
		break;
	case 0x21:
		column = first_column = arguments[0] % COLUMNS;
		last_column = arguments[1] % COLUMNS;
		break;
	case 0x22:
		page = first_page = arguments[0] % PAGES;
		last_page = arguments[1] % PAGES;
		break;
	case 0x81:
		contrast = arguments[0];
		break;
	case 0xae:
	case 0xaf:
		is_on = command & 1;
		break;
	case 0xb0 ... 0xb7:
		page = command % PAGES;
		break;
	}
}

static void take_command(u8 byte)
{
	if (arguments_missing) {
		arguments[arguments_of(command) - arguments_missing--] = byte;
	} else {
		command = byte;
		arguments_missing = arguments_of(byte);
	}
	if (!arguments_missing)
		obey();
}

/* Moves one of the two addresses on; returns whether it came to its end and went back. */
static bool next(u8 *address, u8 first, u8 last, u8 count)
{
	bool is_last = *address == last;

	*address = is_last ? first : (*address + 1) % count;
	return is_last;
}

static void take_data(u8 byte)
{
	gddram[page * COLUMNS + column] = byte;
	switch (mode) {
	case HORIZONTAL:
		if (next(&column, first_column, last_column, COLUMNS))
			next(&page, first_page, last_page, PAGES);
		break;
	case VERTICAL:
		if (next(&page, first_page, last_page, PAGES))
			next(&column, first_column, last_column, COLUMNS);
		break;
	default:
		column = (column + 1) % COLUMNS;
	}
}

static int take(const struct i2c_msg *message)
{
	int place;

	if (message->addr != ADDRESS || is_nacking || !is_powered)
		return -EREMOTEIO;
	transfers++;
	if (message->flags & I2C_M_RD) {
		memset(message->buf, is_on ? 0x00 : 0x40, message->len); /* its status byte */
		return 0;
	}
	for (place = 1; place < message->len; place++) {
		if (message->buf[0] & IS_DATA)
			take_data(message->buf[place]);
		else
			take_command(message->buf[place]);
	}
	return 0;
}

static int transfer(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	int taken, error = 0;

	if (stuck_s) {
		if (wait_event_killable_timeout(freed, !READ_ONCE(stuck_s), stuck_s * HZ) < 0)
			return -EINTR;
		return -ETIMEDOUT;
	}
	mutex_lock(&lock);
	for (taken = 0; taken < count && !error; taken++)
		error = take(&messages[taken]);
	mutex_unlock(&lock);
	return error ? error : count;
}

static int get_stuck(void *data, u64 *value)
{
	*value = stuck_s;
	return 0;
}

static int set_stuck(void *data, u64 value)
{
	WRITE_ONCE(stuck_s, value);
	wake_up_all(&freed);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(stuck_file, get_stuck, set_stuck, "%llu\n");

static int get_power(void *data, u64 *value)
{
	*value = is_powered;
	return 0;
}

static int set_power(void *data, u64 value)
{
	mutex_lock(&lock);
	if (value && !is_powered)
		forget();
	is_powered = !!value;
	mutex_unlock(&lock);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(power_file, get_power, set_power, "%llu\n");

static u32 abilities(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm algorithm = { .xfer = transfer, .functionality = abilities };

static struct i2c_adapter adapter = {
	.owner = THIS_MODULE,
	.algo = &algorithm,
	.nr = BUS,
	.name = "bus of the virtual OLED",
};

static int __init begin(void)
{
	forget();
	folder = debugfs_create_dir("virtual-oled", NULL);
	debugfs_create_blob("gddram", 0444, folder, &picture);
	debugfs_create_u8("on", 0444, folder, &is_on);
	debugfs_create_u8("contrast", 0444, folder, &contrast);
	debugfs_create_u32("transfers", 0444, folder, &transfers);
	debugfs_create_u8("nack", 0644, folder, &is_nacking);
	debugfs_create_file("power", 0644, folder, NULL, &power_file);
	debugfs_create_file("stuck", 0644, folder, NULL, &stuck_file);
	return i2c_add_numbered_adapter(&adapter);
}

static void __exit end(void)
{
	i2c_del_adapter(&adapter);
	debugfs_remove_recursive(folder);
}

module_init(begin);
module_exit(end);
MODULE_DESCRIPTION("I2C bus with an SSD1306 panel behind it, for tests");
MODULE_LICENSE("GPL");
