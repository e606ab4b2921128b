/* Stage directions: what each does, and how each mistake is answered. */
#include "sim/stage.h"

#include <jansson.h>
#include <string.h>

#include "tests/sim_bus.h"

static const char *say(struct sim_world *world, const char *packet) {
    static char reply[STAGE_PACKET_MAX + 1];
    reply[stage_answer(world, 123456, packet, strlen(packet), reply)] = '\0';
    return reply;
}

Test(sim_stage, directions_are_carried_out) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    cr_assert_str_eq(say(world, "{\"do\":\"act\",\"act\":\"climb\"}"), "{\"ok\":true}");
    cr_assert_eq(sim_world_truth(world).act, ACT_CLIMB);
    cr_assert_str_eq(say(world, "{\"do\":\"act\",\"act\":\"fall\"}"), "{\"ok\":true}");
    cr_assert_eq(sim_world_truth(world).act, ACT_FALL);
    cr_assert_str_eq(say(world, "{\"do\":\"act\",\"act\":\"descend\",\"speed_m_s\":1}"), "{\"ok\":true}");
    bool pressed = true;
    cr_assert_str_eq(say(world, "{\"do\":\"estop\",\"station\":\"cliff top\",\"pressed\":true}"), "{\"ok\":true}");
    cr_assert_str_eq(sim_world_station(world, 0, &pressed), "belay desk");
    cr_assert(sim_world_truth(world).estop_pressed && !pressed);
    cr_assert_str_eq(sim_world_station(world, 1, &pressed), "cliff top");
    cr_assert(pressed);
    cr_assert_str_eq(say(world, "{\"do\":\"estop\",\"station\":\"cliff top\",\"pressed\":false}"), "{\"ok\":true}");
    cr_assert(!sim_world_truth(world).estop_pressed);
    cr_assert_str_eq(say(world, "{\"do\":\"fault\",\"unit\":2,\"kind\":\"late\",\"ms\":60}"), "{\"ok\":true}");
    cr_assert_eq(sim_world_delay_us(world, 2), 60000);
    cr_assert_str_eq(say(world, "{\"do\":\"fault\",\"unit\":2,\"kind\":\"none\"}"), "{\"ok\":true}");
    cr_assert_eq(sim_world_delay_us(world, 2), 0);
    sim_world_free(world);
}

Test(sim_stage, truth_has_every_field_by_its_name) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    sim_world_step(world, 5000);
    json_t *truth = json_loads(say(world, "{\"do\":\"truth\"}"), 0, NULL);
    cr_assert(truth);
    static const char *const numbers[] = {"t_s", "height_m", "person_speed_m_s", "person_accel_m_s2", "tension_n",
                                          "slack_m", "rope_out_m", "rope_speed_m_s", "motor_torque", "tilt_mm"};
    static const char *const flags[] = {"ok", "drive_enabled", "brake_closed", "estop_pressed", "on_ground"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        cr_expect(json_is_real(json_object_get(truth, numbers[i])), "%s", numbers[i]);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        cr_expect(json_is_boolean(json_object_get(truth, flags[i])), "%s", flags[i]);
    cr_expect_str_eq(json_string_value(json_object_get(truth, "act")), "stand");
    cr_expect_eq(json_integer_value(json_object_get(truth, "t_us")), 123456);
    cr_expect_float_eq(json_real_value(json_object_get(truth, "height_m")), 2.0, 1e-12);
    cr_expect_float_eq(json_real_value(json_object_get(truth, "t_s")), 0.005, 1e-12);
    const json_t *station = json_array_get(json_object_get(truth, "stations"), 1);
    cr_expect_str_eq(json_string_value(json_object_get(station, "name")), "cliff top");
    cr_expect(json_is_false(json_object_get(station, "pressed")));
    cr_expect_eq(json_object_size(truth), 19);
    json_decref(truth);
    sim_world_free(world);
}

Test(sim_stage, the_wire_of_a_switch_breaks_and_is_mended) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    enum sim_wire wire = SIM_WIRE_COUNT;
    cr_assert_str_eq(say(world, "{\"do\":\"switch\",\"name\":\"overwrap\",\"wire\":\"broken\"}"), "{\"ok\":true}");
    cr_assert(sim_world_switch(world, 0, 5, &wire) && wire == SIM_WIRE_BROKEN);
    cr_assert_str_eq(say(world, "{\"do\":\"switch\",\"name\":\"end payout\",\"wire\":\"shorted\"}"),
                     "{\"ok\":true}");
    cr_assert(sim_world_switch(world, 0, 0, &wire) && wire == SIM_WIRE_SHORTED);
    cr_assert_str_eq(say(world, "{\"do\":\"switch\",\"name\":\"overwrap\",\"wire\":\"good\"}"), "{\"ok\":true}");
    cr_assert(sim_world_switch(world, 0, 5, &wire) && wire == SIM_WIRE_GOOD);
    sim_world_free(world);
}

Test(sim_stage, directions_find_their_winch) {
    struct sim_world *world = sim_bus_world(TWO_WINCHES_WORLD);
    cr_assert_str_eq(say(world, "{\"do\":\"switch\",\"winch\":\"right\",\"name\":\"overwrap\",\"wire\":\"broken\"}"),
                     "{\"ok\":true}");
    enum sim_wire wire = SIM_WIRE_COUNT;
    cr_assert(sim_world_switch(world, 1, 5, &wire) && wire == SIM_WIRE_BROKEN);
    cr_assert(sim_world_switch(world, 0, 5, &wire) && wire == SIM_WIRE_GOOD);
    cr_assert_str_eq(say(world, "{\"do\":\"defect\",\"winch\":\"right\",\"what\":\"torque-off wire\",\"there\":true}"),
                     "{\"ok\":true}");
    sim_world_step(world, 10000);
    cr_expect_eq(sim_bus_read(world, 8, 3, 0), 0x3E33, "its last contact reads open");
    cr_expect_eq(sim_bus_read(world, 4, 3, 0), 0x7E33);
    cr_assert_str_eq(say(world, "{\"do\":\"act\",\"act\":\"hang\"}"), "{\"ok\":true}");
    const char *reply = say(world, "{\"do\":\"act\",\"act\":\"climb\"}");
    cr_expect_str_eq(reply, "{\"error\":\"act: a load of the kind mass does not \\\"climb\\\"\"}");
    json_t *truth = json_loads(say(world, "{\"do\":\"truth\"}"), 0, NULL);
    const json_t *winches = json_object_get(truth, "winches");
    cr_assert_eq(json_array_size(winches), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *winch = json_array_get(winches, i);
        cr_expect_str_eq(json_string_value(json_object_get(winch, "name")), i ? "right" : "left");
        cr_expect_float_eq(json_real_value(json_object_get(winch, "tension_n")), 981, 1);
        cr_expect(json_is_true(json_object_get(winch, "brake_closed")));
        cr_expect_eq(json_object_size(winch), 8);
    }
    json_decref(truth);
    sim_world_free(world);
}

Test(sim_stage, mistakes_are_named_and_change_nothing) {
    static const struct {
        const char *packet, *said;
    } rows[] = {
        {"", "JSON"}, {"{", "JSON"}, {"[]", "object"}, {"null", "JSON"}, {"\xff\xfe", "JSON"}, {"{}", "do:"},
        {"{\"do\":5}", "do:"}, {"{\"do\":\"jump\"}", "do:"}, {"{\"do\":\"truth\",\"do\":\"truth\"}", "JSON"},
        {"{\"do\":\"act\"}", "act:"},
        {"{\"do\":\"act\",\"act\":\"jump\"}", "act:"}, {"{\"do\":\"act\",\"act\":3}", "act:"},
        {"{\"do\":\"act\",\"act\":\"ascend\"}", "speed_m_s:"},
        {"{\"do\":\"act\",\"act\":\"ascend\",\"speed_m_s\":-1}", "speed_m_s:"},
        {"{\"do\":\"act\",\"act\":\"ascend\",\"speed_m_s\":3.1}", "speed_m_s:"},
        {"{\"do\":\"act\",\"act\":\"ascend\",\"speed_m_s\":\"1\"}", "speed_m_s:"},
        {"{\"do\":\"act\",\"act\":\"climb\",\"pressed\":true}", "field"},
        {"{\"do\":\"estop\"}", "pressed:"}, {"{\"do\":\"estop\",\"pressed\":1}", "pressed:"},
        {"{\"do\":\"estop\",\"pressed\":true}", "station:"},
        {"{\"do\":\"estop\",\"pressed\":true,\"station\":\"grid\"}", "station:"},
        {"{\"do\":\"estop\",\"pressed\":true,\"station\":1}", "station:"},
        {"{\"do\":\"switch\",\"name\":\"overwrap\"}", "wire:"},
        {"{\"do\":\"switch\",\"name\":\"overwrap\",\"wire\":\"wet\"}", "wire:"},
        {"{\"do\":\"switch\",\"wire\":\"broken\"}", "name:"},
        {"{\"do\":\"switch\",\"name\":\"grid\",\"wire\":\"broken\"}", "name:"},
        {"{\"do\":\"switch\",\"winch\":\"grid\",\"name\":\"overwrap\",\"wire\":\"good\"}", "winch:"},
        {"{\"do\":\"defect\",\"winch\":0,\"what\":\"brakes slip\",\"there\":true}", "winch:"},
        {"{\"do\":\"act\",\"act\":\"hang\"}", "kind climber"},
        {"{\"do\":\"act\",\"act\":\"climb\",\"speed_m_s\":0}", "speed_m_s: \\\"climb\\\" has none"},
        {"{\"do\":\"act\",\"act\":\"shift\"}", "percent: \\\"shift\\\" needs it"},
        {"{\"do\":\"act\",\"act\":\"shift\",\"percent\":51}", "percent: expected a number from -50 to 50"},
        {"{\"do\":\"act\",\"act\":\"shift\",\"percent\":10}", "kind climber"},
        {"{\"do\":\"draw\"}", "seed:"}, {"{\"do\":\"draw\",\"seed\":-1}", "seed:"},
        {"{\"do\":\"draw\",\"seed\":4294967296}", "seed:"}, {"{\"do\":\"draw\",\"seed\":7}", "draw: the world file"},
        {"{\"do\":\"truth\",\"unit\":1}", "field"},
        {"{\"do\":\"fault\",\"kind\":\"silent\"}", "unit:"},
        {"{\"do\":\"fault\",\"unit\":9,\"kind\":\"silent\"}", "unit"},
        {"{\"do\":\"fault\",\"unit\":257,\"kind\":\"silent\"}", "unit:"}, {"{\"do\":\"fault\",\"unit\":1}", "kind:"},
        {"{\"do\":\"fault\",\"unit\":1,\"kind\":\"broken\"}", "kind:"},
        {"{\"do\":\"fault\",\"unit\":1,\"kind\":\"late\"}", "ms:"},
        {"{\"do\":\"fault\",\"unit\":1,\"kind\":\"late\",\"ms\":-1}", "ms:"},
        {"{\"do\":\"fault\",\"unit\":1,\"kind\":\"late\",\"ms\":4294967297}", "ms:"},
        {"{\"do\":\"fault\",\"unit\":1,\"kind\":\"late\",\"ms\":1.5}", "ms:"},
    };
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *reply = say(world, rows[i].packet);
        bool refused = strncmp(reply, "{\"error\":\"", 10) == 0;
        cr_expect(refused && strstr(reply, rows[i].said), "%s: %s", rows[i].packet, reply);
    }
    cr_assert_eq(sim_world_truth(world).act, ACT_STAND);
    cr_assert(!sim_world_truth(world).estop_pressed);
    cr_assert_eq(sim_world_delay_us(world, 1), 0);
    sim_world_free(world);
}
